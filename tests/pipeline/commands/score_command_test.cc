#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

// A model of lines that all look alike.
class ScoreCommand : public ::testing::Test {
 protected:
  ScoreCommand() {
    std::string log;
    for (int i = 0; i < 1000; ++i) log += "GET /index.html 200\n";
    const Finished done = run_program(
        {"train", "--run.directory=" + run, "--corpus.files=" + file("train.log", log),
         "--model.hidden=32", "--model.layers=1", "--model.dropout=0", "--train.max_steps=60",
         "--train.batch=8", "--train.sequence_length=40", "--train.learning_rate=0.02",
         "--corpus.cache_directory=" + (directory.path() / "cache").string()});
    EXPECT_EQ(done.code, 0) << done.err;
  }

  std::string file(const std::string& name, const std::string& content) const {
    const auto path = directory.path() / name;
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }

  std::vector<std::string> with(std::vector<std::string> more) const {
    more.insert(more.begin(), {"score", "--run.directory=" + run});
    return more;
  }

  TemporaryDirectory directory;
  const std::string run = (directory.path() / "run").string();
};

TEST_F(ScoreCommand, ShowsEveryLineInItsOrderAndTheOddOneCostsMore) {
  const auto log = file("a.log", "GET /index.html 200\nxx/xx/..22\nGET /index.html 200\n");
  const Finished done = run_program(with({"--score.files=" + log}));
  ASSERT_EQ(done.code, 0) << done.err;
  std::istringstream lines(done.out);
  double nats[3] = {};
  int number[3] = {};
  std::string text[3];
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(lines >> nats[i] >> number[i] && lines.get() == '\t') << done.out;
    std::getline(lines, text[i]);
    EXPECT_EQ(number[i], i + 1);
  }
  EXPECT_EQ(text[1], "xx/xx/..22");
  EXPECT_EQ(nats[0], nats[2]);
  EXPECT_GT(nats[1], 4 * nats[0]);
  EXPECT_NE(done.err.find("3 lines"), std::string::npos) << done.err;
}

TEST_F(ScoreCommand, NamesTheOddestLinesOfMany) {
  std::string log;
  for (int i = 1; i <= 5000; ++i) {
    log += i == 1234 ? "GET /tmp/~~ 999\n" : i == 4321 ? "PUT\n" : "GET /index.html 200\n";
  }
  const Finished done = run_program(
      with({"--score.files=" + file("b.log", log), "--score.top=2", "--score.format=jsonl"}));
  ASSERT_EQ(done.code, 0) << done.err;
  std::istringstream lines(done.out);
  std::vector<std::int64_t> numbers;
  for (std::string line; std::getline(lines, line);) {
    const auto value = boost::json::parse(line);
    numbers.push_back(value.at("line").as_int64());
    EXPECT_EQ(value.at("character_nats").as_array().size(), value.at("text").as_string().size());
  }
  std::ranges::sort(numbers);
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{1234, 4321}));
}

TEST_F(ScoreCommand, ShowsALineOfAPipeBeforeTheNextOneComes) {
  const auto out = directory.path() / "out";
  const auto fifo = directory.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  Program program(with({}), "exec \"$0\" \"$@\" <" + fifo.string() + " >" + out.string());
  std::ofstream pipe(fifo);
  pipe << "GET /index.html 200\n" << std::flush;
  ASSERT_TRUE(program.wait_until([&] { return read_lines(out).size() == 1; }));
  pipe << "again\nhalf a" << std::flush;
  ASSERT_TRUE(program.wait_until([&] { return read_lines(out).size() == 2; }));
  pipe << " line" << std::flush;
  pipe.close();
  EXPECT_EQ(program.finish().code, 0);
  ASSERT_EQ(read_lines(out).size(), 3u);
  EXPECT_TRUE(read_lines(out)[2].ends_with("\t3\thalf a line"));
}

TEST_F(ScoreCommand, ShowsTheOddestSoFarWhenItIsStopped) {
  const auto out = directory.path() / "out";
  const auto fifo = directory.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  Program program(with({"--score.top=1"}),
                  "exec \"$0\" \"$@\" <" + fifo.string() + " >" + out.string());
  const int pipe = ::open(fifo.c_str(), O_WRONLY);
  // The program takes the second line when it has scored the first.
  for (const std::string_view line : {"odd odd\n", "GET\n"}) {
    ASSERT_EQ(::write(pipe, line.data(), line.size()), static_cast<ssize_t>(line.size()));
    ASSERT_TRUE(program.wait_until([&] {
      int waiting = 1;
      return ::ioctl(pipe, FIONREAD, &waiting) == 0 && waiting == 0;
    }));
  }
  program.signal(SIGTERM);
  EXPECT_EQ(program.finish().code, 0);
  EXPECT_EQ(read_lines(out).size(), 1u);
  ::close(pipe);
}

TEST_F(ScoreCommand, RefusesUnknownCharactersOnlyWhenItIsTold) {
  const auto log = file("c.log", "GET \u00e9\xFF\n");
  EXPECT_EQ(run_program(with({"--score.files=" + log})).code, 0);
  const Finished refused = run_program(with({"--score.files=" + log, "--score.unknown=error"}));
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("score.unknown = skip or replace"), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace charrnn
