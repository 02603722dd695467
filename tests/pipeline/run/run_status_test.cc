#include "pipeline/run/run_status.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

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

TEST(RunStatus, TellsTheNewestStepValidationAndFiveSamples) {
  RunStatus status;
  StageTimes times;
  for (int i = 0; i < 9; ++i) times[Stage::kTrainStep].arrives();
  for (int i = 0; i < 7; ++i) const StageCall call(times[Stage::kTrainStep], Stage::kTrainStep);
  status.step({.progress = {.step = 7, .epoch = 2, .train_loss = 1.5}});
  status.validation({.step = 5, .loss = 1.75});
  for (std::uint64_t step = 1; step <= 6; ++step) status.sample(step, "text");
  status.corpus(1000, 83);
  status.ended(TrainingEnd::kStopped);
  const auto now = asked(status, times);
  EXPECT_EQ(now.at("stage"), "stopped");
  EXPECT_EQ(now.at("characters"), 1000);
  EXPECT_EQ(now.at("alphabet_size"), 83);
  EXPECT_EQ(now.at("step"), 7);
  EXPECT_EQ(now.at("epoch"), 2);
  EXPECT_EQ(now.at("train_loss"), 1.5);
  EXPECT_EQ(now.at("validation_loss"), 1.75);
  EXPECT_EQ(now.at("nodes").at(4).at("calls"), 7);
  EXPECT_EQ(now.at("nodes").at(4).at("queue"), 2);
  EXPECT_EQ(now.at("nodes").at(4).at("queue_max"), 9);
  ASSERT_EQ(now.at("samples").as_array().size(), 5U);
  EXPECT_EQ(now.at("samples").at(0).at("step"), 2);
}

}  // namespace
}  // namespace charrnn
