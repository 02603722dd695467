// The command init: a configuration by keys or by three questions on a terminal.
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

class InitCommandTest : public ::testing::Test {
 protected:
  InitCommandTest()
      : text(directory.write("texts/book.txt", "Once upon a time there was a book.\n")) {}

  // On a terminal, with these lines typed; returns what is shown.
  std::string typed(const std::string& lines) const {
    int terminal = -1;
    const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
    if (child == 0) {
      if (chdir(directory.path().c_str()) == 0)
        execl(CHARRNN_PROGRAM, CHARRNN_PROGRAM, "init", nullptr);
      _exit(127);
    }
    EXPECT_EQ(write(terminal, lines.data(), lines.size()), static_cast<ssize_t>(lines.size()));
    std::string shown;
    char buffer[4096];
    for (ssize_t n = 0; (n = read(terminal, buffer, sizeof buffer)) > 0;) {
      shown.append(buffer, static_cast<std::size_t>(n));
    }
    waitpid(child, nullptr, 0);
    close(terminal);
    return shown;
  }

  TemporaryDirectory directory;
  std::string text;
};

TEST_F(InitCommandTest, WritesAConfigurationThatTrains) {
  const std::string file = directory.at("new/book.ini");
  const auto done = run_program(
      {"init", "--corpus.files=" + text, "--train.max_seconds=5m", "--init.config=" + file});
  ASSERT_EQ(done.code, 0) << done.err;
  const std::string ini = read_file(file);
  EXPECT_NE(ini.find("files = ../texts/book.txt\n"), std::string::npos) << ini;
  EXPECT_NE(ini.find("max_seconds = 300\n"), std::string::npos) << ini;
  EXPECT_NE(ini.find("hidden = 256\n"), std::string::npos) << ini;
  const auto trained =
      run_program({"train", "--config", file, "--train.max_steps=2", "--train.batch=1",
                   "--train.sequence_length=4", "--run.directory=" + directory.at("run")});
  EXPECT_EQ(trained.code, 0) << trained.err;
}

TEST_F(InitCommandTest, OverwritesNothing) {
  const std::string file = directory.write("mine.ini", "[train]\n");
  const auto done = run_program({"init", "--corpus.files=" + text, "--init.config=" + file});
  EXPECT_EQ(done.code, 3);
  EXPECT_NE(done.err.find("exists already"), std::string::npos) << done.err;
  EXPECT_EQ(read_file(file), "[train]\n");
}

TEST_F(InitCommandTest, MoreTimeMakesALargerNetwork) {
  for (const auto& [time, hidden] :
       {std::pair("--train.max_seconds=30m", "hidden = 512\nlayers = 1\n"),
        std::pair("--train.max_seconds=8h", "hidden = 512\nlayers = 2\n"),
        std::pair("--init.size=large", "hidden = 512\nlayers = 2\n")}) {
    const std::string file = directory.at(std::string(time) + ".ini");
    ASSERT_EQ(run_program({"init", "--corpus.files=" + text, time, "--init.config=" + file}).code,
              0);
    EXPECT_NE(read_file(file).find(hidden), std::string::npos) << read_file(file);
    EXPECT_EQ(run_program({"--config", file, "--print-config"}).code, 0);
  }
}

TEST_F(InitCommandTest, AsksThreeQuestionsOnATerminal) {
  const std::string shown = typed("texts/book.txt\n10m\n\n");
  for (const char* question : {"1/3  Which text?", "2/3  How long", "3/3  Where", "[book.ini]"}) {
    EXPECT_NE(shown.find(question), std::string::npos) << shown;
  }
  EXPECT_NE(read_file(directory.path() / "book.ini").find("max_seconds = 600\n"), std::string::npos)
      << shown;
}

TEST_F(InitCommandTest, AsksAgainForATextThatIsNotThereAndATimeThatIsNone) {
  const std::string shown = typed("nothing.txt\ntexts/book.txt\nsoon\nmedium\nmine.ini\n");
  EXPECT_NE(shown.find("That is neither a time"), std::string::npos) << shown;
  EXPECT_NE(read_file(directory.path() / "mine.ini").find("max_seconds = 3600\n"),
            std::string::npos)
      << shown;
}

TEST_F(InitCommandTest, WithoutATerminalTheTextHasToBeNamed) {
  const auto done = run_program({"init"});
  EXPECT_EQ(done.code, 3);
  EXPECT_NE(done.err.find("--corpus.files=FILE"), std::string::npos) << done.err;
}

}  // namespace
}  // namespace charrnn
