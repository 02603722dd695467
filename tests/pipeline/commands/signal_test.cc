// What signals do to a training that runs, and what they do not.
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

class SignalTest : public ::testing::Test {
 protected:
  std::vector<std::string> endless(std::vector<std::string> more = {}) const {
    std::vector<std::string> all{"train", "--config", CHARRNN_SOURCE_DIR "/configs/tiny.ini",
                                 "--run.directory=" + run.string(), "--train.epochs=100000"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::size_t steps() const { return read_lines(run / "metrics.jsonl").size(); }
  bool trains_on(const Program& program) const {
    const std::size_t now = steps();
    return program.wait_until([&] { return steps() > now + 5; });
  }
  static void expect_saved(const Finished& done, const std::string& signal) {
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_NE(done.err.find(signal + ": stopping"), std::string::npos) << done.err;
    EXPECT_NE(done.err.find("the same command goes on from there"), std::string::npos) << done.err;
  }

  TemporaryDirectory directory;
  std::filesystem::path run = directory.path() / "run";
};

TEST_F(SignalTest, TwoWithinAMomentAreOneStopThatSaves) {
  Program program(endless());
  ASSERT_TRUE(trains_on(program));
  program.signal(SIGINT);
  program.signal(SIGTERM);
  program.signal(SIGTERM);
  const Finished done = program.finish();
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.err.find("the same command goes on from there"), std::string::npos) << done.err;
}

TEST_F(SignalTest, EachThatAsksForAnEndSavesAndSaysSo) {
  for (const auto& [number, name] : {std::pair(SIGINT, "SIGINT"), std::pair(SIGTERM, "SIGTERM"),
                                     std::pair(SIGHUP, "SIGHUP"), std::pair(SIGUSR1, "SIGUSR1")}) {
    Program program(endless());
    ASSERT_TRUE(trains_on(program)) << program.err();
    program.signal(number);
    expect_saved(program.finish(), name);
  }
}

TEST_F(SignalTest, UnderNohupAHangupChangesNothing) {
  Program program(endless(), R"(trap '' HUP; exec "$0" "$@")");
  ASSERT_TRUE(trains_on(program));
  program.signal(SIGHUP);
  ASSERT_TRUE(trains_on(program));
  program.signal(SIGTERM);
  expect_saved(program.finish(), "SIGTERM");
}

TEST_F(SignalTest, TheTimeInWhichAProcessWasStoppedIsNoTrainedTime) {
  Program program(endless({"--train.max_seconds=2"}));
  ASSERT_TRUE(trains_on(program)) << program.err();
  program.signal(SIGSTOP);
  std::this_thread::sleep_for(std::chrono::seconds(3));
  program.signal(SIGCONT);
  EXPECT_TRUE(trains_on(program)) << "3 seconds of rest ended a run of 2 seconds";
  EXPECT_EQ(program.finish().code, 0);
}

}  // namespace
}  // namespace charrnn
