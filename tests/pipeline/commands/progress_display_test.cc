#include "pipeline/commands/progress_display.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace charrnn
