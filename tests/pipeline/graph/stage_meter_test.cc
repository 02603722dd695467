#include "pipeline/graph/stage_meter.h"

#include <gtest/gtest.h>

#include <thread>

#include "pipeline/graph/summary.h"

namespace charrnn {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRest{4};

void rest() { std::this_thread::sleep_for(kRest); }

TEST(StageMeter, TellsBusyWaitingAndQueuedTimeApart) {
  StageMeter meter(Stage::kBatcher);
  rest();  // nothing has come yet
  meter.arrives();
  meter.arrives();
  rest();  // two wait
  const auto begin = StageMeter::Clock::now();
  meter.begins();
  rest();
  meter.ends();
  const auto first = StageMeter::Clock::now() - begin;
  meter.begins();
  meter.ends();
  rest();  // nothing to do
  meter.arrives();
  meter.passes();
  const auto reading = meter.read();
  EXPECT_EQ(reading.calls, 2U);
  EXPECT_EQ(reading.queue, 0);
  EXPECT_EQ(reading.longest_queue, 2);
  EXPECT_GE(reading.busy, kRest);
  EXPECT_LE(reading.busy, first + milliseconds(50)) << "the rests before and after are not in it";
  EXPECT_GE(reading.waiting, kRest);
  // Two for one rest, one for another, none for the last: 3/3 where no rest is longer than asked.
  EXPECT_GT(reading.mean_queue, 0.0);
  EXPECT_LT(reading.mean_queue, 2.0);
}

TEST(StageMeter, CountsACallThatGoesOnAndCallsSideBySide) {
  StageMeter meter(Stage::kEncoder);
  meter.begins();
  meter.begins();
  rest();
  EXPECT_EQ(meter.read().calls, 0U);
  EXPECT_GE(meter.read().busy, 2 * kRest);
  EXPECT_EQ(meter.read().waiting.count(), 0);
  EXPECT_EQ(meter.read().queue, 0) << "a source has no queue";
}

TEST(StageMeter, FillsTheSummaryWithALineForEachStage) {
  StageTimes times;
  EXPECT_TRUE(summary(times).empty());
  times[Stage::kTrainStep].arrives();
  { const StageCall call(times[Stage::kTrainStep], Stage::kTrainStep); }
  times.input_wait_nanoseconds = 1'500'000'000;
  times.step_nanoseconds = 4'500'000'000;
  const auto lines = summary(times);
  ASSERT_EQ(lines.size(), kStageNames.size() + 2);
  for (std::size_t i = 0; i < kStageNames.size(); ++i) {
    EXPECT_TRUE(lines[i + 1].starts_with(kStageNames[i])) << lines[i + 1];
  }
  EXPECT_NE(lines[5].find(" 1.500 "), std::string::npos) << lines[5];
  EXPECT_NE(lines.back().find("waited 1.500 s for input: busy 75.000 %"), std::string::npos)
      << lines.back();
}

}  // namespace
}  // namespace charrnn
