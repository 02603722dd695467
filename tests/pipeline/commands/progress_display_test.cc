#include "pipeline/commands/progress_display.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace charrnn {
namespace {

StepReport after(std::uint64_t step, double seconds) {
  StepReport report;
  report.progress.step = step;
  report.progress.characters = step * 1000;
  report.progress.seconds = seconds;
  report.progress.train_loss = 1.5;
  return report;
}

TEST(ProgressDisplay, TheTimeLeftFollowsFromThisProcessAndNotFromEarlierOnesOfTheRun) {
  const Config config;
  const PublishedSnapshot published;
  testing::internal::CaptureStderr();
  {
    ProgressDisplay display(config, 200, published);
    display.step(after(101, 9000.0));
    display.step(after(103, 9004.0));
  }
  const std::string shown = testing::internal::GetCapturedStderr();
  EXPECT_NE(shown.find("step 103"), std::string::npos) << shown;
  EXPECT_NE(shown.find("500 chars/s"), std::string::npos) << shown;
  EXPECT_NE(shown.find("3m14s left"), std::string::npos) << shown;
}

/// Standard error as a terminal of a given width.
class Terminal {
 public:
  explicit Terminal(unsigned short columns) : kept_(dup(STDERR_FILENO)) {
    EXPECT_EQ(openpty(&screen_, &terminal_, nullptr, nullptr, nullptr), 0);
    resize(columns);
    dup2(terminal_, STDERR_FILENO);
  }
  ~Terminal() {
    dup2(kept_, STDERR_FILENO);
    for (const int descriptor : {kept_, screen_, terminal_}) close(descriptor);
  }
  void resize(unsigned short columns) const {
    winsize size{};
    size.ws_col = columns;
    size.ws_row = 25;
    EXPECT_EQ(ioctl(terminal_, TIOCSWINSZ, &size), 0);
  }
  /// What a display that shows steps writes next, without the codes that renew a line.
  std::string next(ProgressDisplay& display) {
    int waiting = 0;
    while (ioctl(screen_, FIONREAD, &waiting) == 0 && waiting == 0) {
      display.step(after(++step_, 100.0));
    }
    char text[4096];
    std::string line(text, static_cast<std::size_t>(read(screen_, text, sizeof text)));
    // A busy kernel passes them on late, so that several may have come.
    const auto renewal = line.rfind("\r\x1b[K");
    EXPECT_NE(renewal, std::string::npos) << line;
    return renewal == std::string::npos ? line : line.substr(renewal + 4);
  }

 private:
  int kept_;
  int screen_ = -1;
  int terminal_ = -1;
  std::uint64_t step_ = 100'000;
};

TEST(ProgressDisplay, ItsLineFitsTheTerminalAndFollowsItsWidth) {
  Config config;
  config.train.max_seconds = 3600;
  const PublishedSnapshot published;
  Terminal terminal(80);
  setenv("TERM", "xterm", 1);
  ProgressDisplay display(config, 0, published);
  std::vector<std::string> lines{terminal.next(display)};
  for (const unsigned short columns : {40, 20, 5, 200}) {
    terminal.resize(columns);
    lines.push_back(terminal.next(display));
    EXPECT_LT(lines.back().size(), columns);
  }
  EXPECT_LT(lines[0].size(), 80U);
  EXPECT_NE(lines[0].find("left"), std::string::npos) << lines[0];
  EXPECT_NE(lines[2].find("step "), std::string::npos) << lines[2];
  EXPECT_GT(lines[4].size(), lines[0].size() - 1) << "all there is where there is room";
}

}  // namespace
}  // namespace charrnn
