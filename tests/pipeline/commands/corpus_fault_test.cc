// What happens to the real program when its text is taken away, changed, damaged or absurd: an
// error with the file's name, the right exit code, nothing lost, and memory that stays as it was.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <regex>

#include "tests/corpus/compress.h"
#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

class CorpusFault : public ::testing::Test {
 protected:
  // A data run: nothing is trained, and the last line is the digest of all batches.
  std::vector<std::string> data_run(const std::string& name, std::vector<std::string> more) const {
    std::vector<std::string> all = {"train",
                                    "--corpus.files=" + text_.string(),
                                    "--corpus.cache_directory=" + (folder() / "cache").string(),
                                    "--run.directory=" + (folder() / name).string(),
                                    "--runtime.backend=hash",
                                    "--runtime.threads=2",
                                    "--model.hidden=8",
                                    "--train.batch=8",
                                    "--train.epochs=1000000",
                                    "--metrics.every_steps=100",
                                    "--checkpoint.every_steps=0"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static std::vector<std::string> up_to(std::uint64_t steps) {
    return {"--train.max_steps=" + std::to_string(steps)};
  }
  const fs::path& folder() const { return directory_.path(); }

  TemporaryDirectory directory_;
  fs::path text_ = directory_.path() / "text.txt";
};

struct Change {
  const char* name;
  std::function<void(const fs::path&, const std::string&)> make;  // of a file that holds the text
};

void PrintTo(const Change& change, std::ostream* out) { *out << change.name; }

class ChangedMidRun : public CorpusFault, public ::testing::WithParamInterface<Change> {};

TEST_P(ChangedMidRun, EndsTheRunWithItsNameAndTheRestoredTextGoesOnFromThere) {
  const std::string content = read_file(CHARRNN_SOURCE_DIR "/tests/data/tiny.txt");
  write_file(text_, content);
  Program program(data_run("run", {}));
  ASSERT_TRUE(program.wait_until(
      [&] { return read_lines(folder() / "run" / "metrics.jsonl").size() >= 3; }));
  GetParam().make(text_, content);
  const Finished ended = program.finish();
  EXPECT_EQ(ended.code, 5) << ended.err;
  EXPECT_NE(ended.err.find(text_.string()), std::string::npos) << ended.err;
  std::smatch saved;
  ASSERT_TRUE(
      std::regex_search(ended.err, saved, std::regex("the state after step (\\d+) was saved")))
      << ended.err;

  fs::remove(text_);
  write_file(text_, content);
  const auto more = up_to(std::stoull(saved[1]) + 100);
  const Finished resumed = run_program(data_run("run", more));
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("going on after step " + saved[1].str()), std::string::npos);
  EXPECT_EQ(resumed.out, run_program(data_run("whole", more)).out);
  EXPECT_EQ(resumed.out.size(), 33U);
}

INSTANTIATE_TEST_SUITE_P(
    AFileThat, ChangedMidRun,
    ::testing::Values(Change{"Shrinks", [](auto& file, auto&) { fs::resize_file(file, 1000); }},
                      Change{"Grows",
                             [](auto& file, auto& text) { write_file(file, text + "more"); }},
                      Change{"Vanishes", [](auto& file, auto&) { fs::remove(file); }},
                      Change{"IsRewritten",
                             [](auto& file, auto& text) {
                               write_file(file, std::string(text.rbegin(), text.rend()));
                             }},
                      Change{"BecomesAPipe",
                             [](auto& file, auto&) {
                               fs::remove(file);
                               mkfifo(file.c_str(), 0600);
                             }}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(CorpusFault, ALineOfAGibibyteTakesNoMoreMemoryThanOneOfAMebibyte) {
  const auto run_over_line = [&](const std::string& name, std::uint64_t size) {
    write_file(text_, "begin");
    fs::resize_file(text_, size);  // NULs, without taking disk
    std::ofstream(text_, std::ios::app | std::ios::binary) << "\u00E9 end";
    return run_program(data_run(name, up_to(30)));
  };
  const Finished small = run_over_line("small", 1 << 20);
  const Finished large = run_over_line("large", 1 << 30);
  ASSERT_EQ(small.code, 0) << small.err;
  ASSERT_EQ(large.code, 0) << large.err;
  EXPECT_NE(large.err.find("1073741829 characters of 9 kinds"), std::string::npos) << large.err;
  EXPECT_LT(large.most_memory, small.most_memory + (16 << 20));
}

TEST_F(CorpusFault, ABombEndsAtTheLimitInBoundedMemoryAndLeavesNothing) {
  // Stream after stream: what this process takes counts as the program's, too, when it is started.
  const std::string stream = gzip(std::string(4'000'000, 'x'));
  ASSERT_LT(stream.size(), 4'000U);
  write_file(text_, stream);
  const Finished small = run_program(data_run("small", up_to(3)));
  ASSERT_EQ(small.code, 0) << small.err;
  fs::remove_all(folder() / "cache");
  std::string streams;
  for (int i = 0; i < 50; ++i) streams += stream;
  write_file(text_, streams);
  const Finished bomb = run_program(data_run("bomb", {"--corpus.cache_limit=100M"}));
  EXPECT_EQ(bomb.code, 5) << bomb.err;
  EXPECT_NE(bomb.err.find(text_.string()), std::string::npos) << bomb.err;
  EXPECT_NE(bomb.err.find("corpus.cache_limit"), std::string::npos) << bomb.err;
  EXPECT_LT(bomb.most_memory, small.most_memory + (16 << 20));
  EXPECT_TRUE(fs::is_empty(folder() / "cache" / "text"));
}

TEST_F(CorpusFault, DamagedCompressedTextIsNamedWithItsForm) {
  const std::string content = read_file(CHARRNN_SOURCE_DIR "/tests/data/tiny.txt");
  struct Form {
    const char* name;
    std::string (*compress)(std::string_view);
  };
  for (const auto& [form, compress] : {Form{"gzip", gzip}, Form{"zstd", zstd}, Form{"xz", xz}}) {
    const std::string data = compress(content);
    for (const bool cut : {true, false}) {
      std::string damaged = cut ? data.substr(0, data.size() / 2) : data;
      damaged[data.size() / 3] = static_cast<char>(damaged[data.size() / 3] ^ 0x55);
      write_file(text_, damaged);
      const Finished done = run_program(data_run("run", up_to(3)));
      EXPECT_EQ(done.code, 5) << done.err;
      EXPECT_NE(done.err.find(text_.string()), std::string::npos) << done.err;
      EXPECT_NE(done.err.find(form), std::string::npos) << done.err;
      EXPECT_TRUE(fs::is_empty(folder() / "cache" / "text"));
    }
  }
}

TEST_F(CorpusFault, NulsAndRandomBytesAreTextWhenTheyAreTakenAsBytes) {
  std::string bytes(100'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(i * i * 2654435761U >> 13);
  }
  write_file(text_, bytes);
  const Finished refused = run_program(data_run("refused", up_to(3)));
  EXPECT_EQ(refused.code, 5);
  EXPECT_NE(refused.err.find("not valid UTF-8 at byte"), std::string::npos) << refused.err;
  auto as_bytes = data_run("bytes", up_to(3));
  as_bytes.push_back("--corpus.encoding=bytes");
  const Finished taken = run_program(as_bytes);
  EXPECT_EQ(taken.code, 0) << taken.err;
  EXPECT_NE(taken.err.find("100000 characters of 256 kinds"), std::string::npos) << taken.err;
}

}  // namespace
}  // namespace charrnn
