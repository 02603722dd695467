// A run directory that is moved, removed, or lies where it should not.
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

class RunDirectoryTest : public ::testing::Test {
 protected:
  static std::vector<std::string> train(const fs::path& config, std::vector<std::string> more) {
    std::vector<std::string> all{"train", "--config", config.string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static std::vector<std::string> first(const fs::path& run, std::vector<std::string> more) {
    more.push_back("--run.directory=" + run.string());
    return train(CHARRNN_SOURCE_DIR "/configs/tiny.ini", more);
  }

  TemporaryDirectory directory;
  fs::path run = directory.path() / "place" / "run";
};

TEST_F(RunDirectoryTest, ThatWasMovedWithItsTextGoesOnThereFromItsOwnConfiguration) {
  fs::create_directories(directory.path() / "place");
  fs::copy_file(CHARRNN_SOURCE_DIR "/tests/data/tiny.txt", directory.path() / "place/text.txt");
  const auto text = "--corpus.files=" + (directory.path() / "place/text.txt").string();
  ASSERT_EQ(run_program(first(run, {text, "--train.max_steps=10"})).code, 0);
  fs::rename(directory.path() / "place", directory.path() / "other");
  const fs::path moved = directory.path() / "other" / "run";
  const Finished done = run_program(train(moved / "config.ini", {"--train.max_steps=20"}));
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.err.find("going on after step 10"), std::string::npos) << done.err;
  EXPECT_TRUE(fs::exists(moved / "checkpoints/000000020"));
  EXPECT_FALSE(fs::exists(directory.path() / "place"));
}

TEST_F(RunDirectoryTest, InTheFolderOfTheTextIsNoText) {
  const fs::path texts = directory.path() / "texts";
  fs::create_directories(texts);
  fs::copy_file(CHARRNN_SOURCE_DIR "/tests/data/tiny.txt", texts / "text.txt");
  const std::vector<std::string> keys = {"--corpus.files=" + texts.string(),
                                         "--corpus.cache_directory=" + (texts / "cache").string()};
  for (const char* steps : {"--train.max_steps=5", "--train.max_steps=10"}) {
    auto more = keys;
    more.emplace_back(steps);
    const Finished done = run_program(first(texts / "run", more));
    ASSERT_EQ(done.code, 0) << done.err;
  }
}

TEST_F(RunDirectoryTest, KeepsNoPermissionThatWasGivenForOneStart) {
  ASSERT_EQ(run_program(first(run, {"--train.max_steps=5"})).code, 0);
  ASSERT_EQ(run_program(first(run, {"--train.max_steps=6", "--train.sequence_length=7",
                                    "--run.accept_changed_training=true"}))
                .code,
            0);
  const Finished again =
      run_program(train(run / "config.ini", {"--train.max_steps=7", "--train.sequence_length=8"}));
  EXPECT_EQ(again.code, 7) << again.err;
}

TEST_F(RunDirectoryTest, ThatIsRemovedUnderATrainingIsNoticedAndTheStateSaved) {
  Program program(first(run, {"--train.epochs=100000"}));
  ASSERT_TRUE(program.wait_until([&] { return read_lines(run / "metrics.jsonl").size() > 20; }));
  fs::rename(run, directory.path() / "gone");
  const Finished done = program.finish();
  EXPECT_EQ(done.code, 6) << done.err;
  EXPECT_NE(done.err.find("was removed, moved or replaced"), std::string::npos) << done.err;
  const Finished again = run_program(first(run, {"--train.epochs=100000", "--train.max_steps=1"}));
  EXPECT_NE(again.err.find("nothing to do: this run had ended after step"), std::string::npos)
      << again.err;
}

}  // namespace
}  // namespace charrnn
