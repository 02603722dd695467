// No state of the standard descriptors ends or changes a run.
#include <gtest/gtest.h>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

class SideChannelTest : public ::testing::Test {
 protected:
  std::vector<std::string> with(const std::string& command) const {
    return {command, "--config", CHARRNN_SOURCE_DIR "/configs/tiny.ini",
            "--run.directory=" + run.string(), "--train.max_steps=30"};
  }
  Finished trained(const std::string& redirection) const {
    return Program(with("train"), "exec \"$0\" \"$@\" " + redirection).finish();
  }

  TemporaryDirectory directory;
  std::filesystem::path run = directory.path() / "run";
};

TEST_F(SideChannelTest, ATrainingEndsAsAlwaysWhateverStandardErrorIs) {
  for (const char* redirection :
       {"2>&-", "2>/dev/full", "2> >(exec true)", "<&- >&- 2>&-", "<&- 2>&-", ">&-", "<&-"}) {
    run = directory.path() / std::to_string(std::hash<std::string>()(redirection));
    EXPECT_EQ(trained(redirection).code, 0) << redirection;
    const auto lines = read_lines(run / "metrics.jsonl");
    EXPECT_EQ(lines.size(), 31U) << redirection;
    for (const auto& line : lines) EXPECT_EQ(line.substr(0, 8), "{\"step\":") << redirection;
  }
}

TEST_F(SideChannelTest, ALimitOfFileSizesIsAnErrorWithTheNameOfTheFile) {
  const Finished done = Program(with("train"), "ulimit -f 20; exec \"$0\" \"$@\"").finish();
  EXPECT_EQ(done.code, 6) << done.err;
  EXPECT_NE(done.err.find(run.string()), std::string::npos) << done.err;
}

TEST_F(SideChannelTest, OutputThatNobodyCanGetIsAnError) {
  ASSERT_EQ(trained("").code, 0);
  const Finished done = Program(with("generate"), "exec \"$0\" \"$@\" >&-").finish();
  EXPECT_EQ(done.code, 6);
  EXPECT_NE(done.err.find("standard output"), std::string::npos) << done.err;
}

TEST_F(SideChannelTest, AMistakeKeepsItsExitCodeWhenNobodyCanReadOfIt) {
  const auto arguments = with("generate");  // nothing was trained yet
  EXPECT_EQ(Program(arguments, "exec \"$0\" \"$@\" 2>&-").finish().code, 7);
  EXPECT_EQ(Program(arguments, "exec \"$0\" \"$@\" 2>/dev/full").finish().code, 7);
}

}  // namespace
}  // namespace charrnn
