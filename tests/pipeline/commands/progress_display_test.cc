#include "pipeline/commands/progress_display.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <functional>
#include <limits>
#include <regex>
#include <sstream>

#include "base/standard_error.h"

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
    // A busy kernel passes them on late, so that several may have come. A narrower terminal has the
    // old line in several rows, above which the new one begins.
    static const std::regex renewal("[^]*\r\x1b\\[(?:K|[0-9]+A\x1b\\[J)");
    EXPECT_TRUE(std::regex_search(line, renewal)) << line;
    return std::regex_replace(line, renewal, "");
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
  setenv("NO_COLOR", "1", 1);
  setenv("LC_ALL", "C", 1);
  ProgressDisplay display(config, 0, published);
  std::vector<std::string> lines{terminal.next(display)};
  for (const unsigned short columns : {40, 20, 5, 200}) {
    terminal.resize(columns);
    lines.push_back(terminal.next(display));
    EXPECT_LT(lines.back().size(), columns);
  }
  EXPECT_LT(lines[0].size(), 80U);
  EXPECT_NE(lines[0].find("left"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("#"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("%"), std::string::npos) << lines[0];
  EXPECT_NE(lines[2].find("step "), std::string::npos) << lines[2];
  EXPECT_GT(lines[4].size(), lines[0].size() - 1) << "all there is where there is room";
}

const ProgressFigures kFigures{.step = 1207,
                               .epoch = 2,
                               .loss = 1.4926,
                               .validation = 1.5773,
                               .characters_per_second = 61531,
                               .seconds_left = 199,
                               .share = 0.25};

// Columns of a terminal that a text of blocks and colours takes.
std::size_t columns_of(const std::string& text) {
  const std::string plain = std::regex_replace(text, std::regex("\x1b\\[[0-9]*m"), "");
  return static_cast<std::size_t>(
      std::ranges::count_if(plain, [](char byte) { return (byte & 0xC0) != 0x80; }));
}

TEST(ProgressLine, TakesTheColumnsThatItSaysAndLeavesTheLastOneFree) {
  LossHistory losses;
  for (int i = 0; i < 1000; ++i) losses.add(4.0 / (1 + i));
  for (std::size_t columns = 2; columns < 200; ++columns) {
    for (const bool rich : {false, true}) {
      const auto line = progress_line(kFigures, losses, {columns, rich, rich});
      EXPECT_EQ(columns_of(line.text), line.columns) << line.text;
      EXPECT_LT(line.columns, columns) << line.text;
    }
  }
}

TEST(ProgressLine, ShowsABarTheLossesTheSpeedAndTheTimeLeftInAnUsualWindow) {
  LossHistory losses;
  for (int i = 0; i < 1000; ++i) losses.add(4.0 - i / 500.0);
  const std::string plain = progress_line(kFigures, losses, {80, false, true}).text;
  for (const char* part :
       {"██░░", " 25%", "step 1207", "loss 1.4926", "█▇▆▅▄▃▂▁", "61531 chars/s"}) {
    EXPECT_NE(plain.find(part), std::string::npos) << part << ": " << plain;
  }
  EXPECT_EQ(plain.find('\x1b'), std::string::npos) << "NO_COLOR";
  const std::string ascii = progress_line(kFigures, losses, {80, false, false}).text;
  EXPECT_TRUE(std::ranges::all_of(ascii, [](char byte) { return byte > 0; })) << ascii;
}

TEST(LossHistory, MeansAreOfTheWholeRunHoweverLongItIs) {
  LossHistory losses;
  for (int i = 0; i < 100'000; ++i) losses.add(i < 50'000 ? 2.0 : 1.0);
  losses.add(std::numeric_limits<double>::quiet_NaN());
  const auto means = losses.means(4);
  ASSERT_EQ(means.size(), 4U);
  EXPECT_NEAR(means[0], 2.0, 1e-9);
  EXPECT_NEAR(means[3], 1.0, 1e-9);
  EXPECT_EQ(sparkline(means).substr(0, 3), "█");
  EXPECT_EQ(sparkline({}), "");
}

// What is written to standard error meanwhile.
std::string told(const LogOptions& options, const std::function<void()>& talk) {
  log_as(options);
  testing::internal::CaptureStderr();
  talk();
  log_as({});
  return testing::internal::GetCapturedStderr();
}

TEST(Log, AsJsonEachLineIsAnObject) {
  const std::string text = told({.format = LogFormat::kJson}, [] {
    tell("a \"message\"");
    tell("warning: beware");
    tell_error("the end");
    tell_event("step 1207", "progress", progress_fields(kFigures));
    tell_record(R"({"status":200})");
  });
  std::istringstream lines(text);
  std::vector<boost::json::object> objects;
  for (std::string line; std::getline(lines, line);) {
    objects.push_back(boost::json::parse(line).as_object());
  }
  ASSERT_EQ(objects.size(), 5U);
  EXPECT_EQ(objects[0].at("level"), "info");
  EXPECT_EQ(objects[0].at("message"), "a \"message\"");
  EXPECT_EQ(objects[1].at("level"), "warning");
  EXPECT_EQ(objects[1].at("message"), "beware");
  EXPECT_EQ(objects[2].at("level"), "error");
  EXPECT_EQ(objects[3].at("event"), "progress");
  EXPECT_EQ(objects[3].at("step"), 1207);
  EXPECT_EQ(objects[3].at("train_loss"), 1.4926);
  EXPECT_EQ(objects[4].at("status"), 200);
}

TEST(Log, QuietLeavesWarningsErrorsAndTheLogOfRequests) {
  const std::string text = told({.quiet = true}, [] {
    tell("training");
    tell_event("step 1", "progress", {});
    tell("warning: beware");
    tell_error("the end");
    tell_record("GET /");
  });
  EXPECT_EQ(text, "warning: beware\nthe end\nGET /\n");
}

}  // namespace
}  // namespace charrnn
