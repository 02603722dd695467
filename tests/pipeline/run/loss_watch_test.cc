#include "pipeline/run/loss_watch.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace charrnn {
namespace {

/// Steps after which something was told about 83 characters; guessing costs 4.42 nats.
std::vector<int> told(const std::function<double(int)>& loss) {
  LossWatch watch(83);
  std::vector<int> steps;
  for (int step = 1; step <= 200; ++step) {
    StepReport report;
    report.progress.step = step;
    report.progress.train_loss = loss(step);
    if (watch.step(report)) steps.push_back(step);
  }
  return steps;
}

TEST(LossWatch, TellsOnceOfALossThatIsFarAboveGuessingAndRises) {
  EXPECT_EQ(told([](int step) { return 3.0 + 0.1 * step; }), std::vector<int>{60});
}

TEST(LossWatch, SaysNothingOfALossThatFallsFromAHighBeginning) {
  EXPECT_TRUE(told([](int step) { return 300.0 / step; }).empty());
}

TEST(LossWatch, SaysNothingOfALossThatRisesBelowThatOfGuessing) {
  EXPECT_TRUE(told([](int step) { return 1.0 + 0.01 * step; }).empty());
}

TEST(LossWatch, SaysNothingOfASingleHighStep) {
  EXPECT_TRUE(told([](int step) { return step == 70 ? 40.0 : 1.5; }).empty());
}

}  // namespace
}  // namespace charrnn
