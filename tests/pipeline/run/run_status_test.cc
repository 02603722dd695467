#include "pipeline/run/run_status.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

namespace charrnn {
namespace {

boost::json::object asked(RunStatus& status, const StageTimes& times) {
  return boost::json::parse(status.json(times)).as_object();
}

TEST(RunStatus, SaysOfAnUntrainedRunOnlyWhatItKnows) {
  RunStatus status;
  const StageTimes times;
  const auto now = asked(status, times);
  EXPECT_EQ(now.at("stage"), "training");
  EXPECT_FALSE(now.contains("characters"));
  EXPECT_FALSE(now.contains("step"));
  EXPECT_FALSE(now.contains("validation_loss"));
  ASSERT_EQ(now.at("nodes").as_array().size(), kStageNames.size());
  EXPECT_EQ(now.at("nodes").at(4).at("name"), "train_step");
}

TEST(RunStatus, TellsTheNewestStepAndValidation) {
  RunStatus status;
  StageTimes times;
  for (int i = 0; i < 9; ++i) times[Stage::kTrainStep].arrives();
  for (int i = 0; i < 7; ++i) const StageCall call(times[Stage::kTrainStep], Stage::kTrainStep);
  status.step({.progress = {.step = 7, .epoch = 2, .seconds = 9, .train_loss = 1.5}});
  status.validation({.step = 5, .loss = 1.75});
  status.corpus(1000, 83);
  status.ended(TrainingEnd::kStopped);
  const auto now = asked(status, times);
  EXPECT_EQ(now.at("stage"), "stopped");
  EXPECT_EQ(now.at("characters"), 1000);
  EXPECT_EQ(now.at("alphabet_size"), 83);
  EXPECT_EQ(now.at("step"), 7);
  EXPECT_EQ(now.at("epoch"), 2);
  EXPECT_EQ(now.at("seconds"), 9.0);
  EXPECT_EQ(now.at("train_loss"), 1.5);
  EXPECT_EQ(now.at("validation_loss"), 1.75);
  EXPECT_EQ(now.at("nodes").at(4).at("calls"), 7);
  EXPECT_EQ(now.at("nodes").at(4).at("queue"), 2);
  EXPECT_EQ(now.at("nodes").at(4).at("queue_max"), 9);
}

TEST(RunStatus, SaysWhatEndsTheRunAsFarAsSomethingDoes) {
  RunStatus status;
  status.ends_at(std::numeric_limits<std::uint64_t>::max(), 0);
  EXPECT_FALSE(asked(status, {}).contains("last_step"));
  EXPECT_FALSE(asked(status, {}).contains("max_seconds"));
  status.ends_at(700, 60);
  EXPECT_EQ(asked(status, {}).at("last_step"), 700);
  EXPECT_EQ(asked(status, {}).at("max_seconds"), 60.0);
}

TEST(RunStatus, KeepsFewSamplesFromTheWholeTime) {
  RunStatus status;
  for (std::uint64_t step = 1; step <= 1000; ++step) status.sample(step, "text");
  const auto now = asked(status, {});
  const auto& samples = now.at("samples").as_array();
  EXPECT_LE(samples.size(), 48U);
  EXPECT_EQ(samples.front().at("step"), 1);
  EXPECT_EQ(samples.back().at("step"), 1000);
  std::int64_t widest = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    widest =
        std::max(widest, samples[i].at("step").as_int64() - samples[i - 1].at("step").as_int64());
  }
  EXPECT_LT(widest, 200);
}

}  // namespace
}  // namespace charrnn
