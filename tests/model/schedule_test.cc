#include "model/schedule.h"

#include <gtest/gtest.h>

namespace charrnn {
namespace {

double rate(const ScheduleOptions& options, std::uint64_t step, double done) {
  return schedule(options.kind).learning_rate(options, {.step = step, .done = done});
}

TEST(Schedule, HasOneOfEachKind) {
  for (std::size_t i = 0; i < schedules().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(schedules()[i].kind), i);
  }
}

TEST(Schedule, ConstantStaysWhereItIs) {
  const ScheduleOptions options{.kind = ScheduleKind::kConstant, .learning_rate = 0.003};
  for (const double done : {0.0, 0.5, 1.0}) EXPECT_EQ(rate(options, 7, done), 0.003);
}

TEST(Schedule, LinearComesToItsFinalRateWhenTheRunIsDone) {
  ScheduleOptions options{.kind = ScheduleKind::kLinear, .learning_rate = 0.08};
  EXPECT_EQ(rate(options, 1, 0.0), 0.08);
  EXPECT_DOUBLE_EQ(rate(options, 50, 0.25), 0.06);
  EXPECT_EQ(rate(options, 200, 1.0), 0.0);
  options.final_learning_rate = 0.04;
  EXPECT_DOUBLE_EQ(rate(options, 200, 1.0), 0.04);
}

TEST(Schedule, CosineFallsSlowlyAtBothEnds) {
  const ScheduleOptions options{
      .kind = ScheduleKind::kCosine, .learning_rate = 0.08, .final_learning_rate = 0.02};
  EXPECT_DOUBLE_EQ(rate(options, 1, 0.0), 0.08);
  EXPECT_DOUBLE_EQ(rate(options, 50, 0.5), 0.05);
  EXPECT_DOUBLE_EQ(rate(options, 100, 1.0), 0.02);
  EXPECT_GT(rate(options, 10, 0.1), 0.08 - 0.1 * 0.06);
  EXPECT_LT(rate(options, 90, 0.9), 0.08 - 0.9 * 0.06);
}

TEST(Schedule, WsdStaysAndThenFallsOverTheLastPart) {
  const ScheduleOptions options{
      .kind = ScheduleKind::kWsd, .learning_rate = 0.08, .decay_share = 0.25};
  for (const double done : {0.0, 0.5, 0.75}) EXPECT_DOUBLE_EQ(rate(options, 9, done), 0.08);
  EXPECT_DOUBLE_EQ(rate(options, 9, 0.875), 0.04);
  EXPECT_DOUBLE_EQ(rate(options, 9, 1.0), 0.0);
}

TEST(Schedule, EveryOneRisesOverItsWarmUpAndThenGoesItsWay) {
  for (const Schedule& each : schedules()) {
    ScheduleOptions options{.kind = each.kind, .learning_rate = 0.08};
    const double without = rate(options, 20, 0.1);
    options.warmup_steps = 20;
    EXPECT_EQ(rate(options, 20, 0.1), without);
    EXPECT_DOUBLE_EQ(rate(options, 1, 0.0), 0.004);
    EXPECT_DOUBLE_EQ(rate(options, 15, 0.1), 0.75 * without);
  }
}

TEST(Schedule, FollowsTheLimitThatComesFirst) {
  EXPECT_EQ(share_done({}, 1000, 1000.0), 0.0);
  EXPECT_DOUBLE_EQ(share_done({.steps = 200}, 50, 9.0), 0.25);
  EXPECT_DOUBLE_EQ(share_done({.seconds = 60.0}, 50, 45.0), 0.75);
  EXPECT_DOUBLE_EQ(share_done({.steps = 200, .seconds = 60.0}, 50, 45.0), 0.75);
  EXPECT_DOUBLE_EQ(share_done({.steps = 200, .seconds = 60.0}, 190, 45.0), 0.95);
  EXPECT_EQ(share_done({.steps = 200}, 300, 0.0), 1.0);
}

}  // namespace
}  // namespace charrnn
