#include "nodes/train_step.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "tests/nodes/fake_backend.h"

namespace charrnn {
namespace {

struct TrainStepTest : ::testing::Test {
  FakeBackend backend;
  std::atomic<bool> stop{false};
  Ending ending{stop};
  std::vector<std::uint64_t> published;

  TrainStep make(const TrainStepOptions& options, const Progress& progress = {}) {
    return TrainStep(
        backend, options, progress, ending,
        [](TrainState state, const Progress& at) {
          auto checkpoint = std::make_shared<Checkpoint>();
          checkpoint->state = std::move(state);
          checkpoint->progress = at;
          return checkpoint;
        },
        [this](const Progress& at, const std::shared_ptr<const Weights>&) {
          published.push_back(at.step);
        });
  }
  StepDone take(TrainStep& step, std::uint64_t index) {
    Batch batch;
    batch.index = index;
    batch.epoch = 1 + index / 4;
    batch.rows = 2;
    batch.length = 5;
    step.begin(std::make_shared<const DeviceBatch>(batch));
    return step.end();
  }
};

TEST_F(TrainStepTest, ReportsStepsEpochsAndCharactersFromOne) {
  auto step = make({.end_batch = 100});
  for (std::uint64_t index = 0; index < 6; ++index) {
    const auto done = take(step, index);
    EXPECT_EQ(done.report.progress.step, index + 1);
    EXPECT_EQ(done.report.progress.epoch, index / 4 + 1);
    EXPECT_EQ(done.report.progress.characters, 10 * (index + 1));
    EXPECT_EQ(done.report.progress.train_loss, 1.0 / static_cast<double>(index + 1));
    EXPECT_GT(done.report.characters_per_second, 0);
  }
}

TEST_F(TrainStepTest, AsksForValidationsAndCheckpointsWhenDueAndPublishesThoseSnapshots) {
  auto step =
      make({.end_batch = 100, .validation = {.every_steps = 2}, .checkpoint = {.every_steps = 3}});
  std::vector<std::uint64_t> validated, saved;
  for (std::uint64_t index = 0; index < 6; ++index) {
    const auto done = take(step, index);
    if (done.validation) validated.push_back(done.validation->step);
    if (done.checkpoint) saved.push_back(done.checkpoint->progress.step);
  }
  EXPECT_EQ(validated, (std::vector<std::uint64_t>{2, 4, 6}));
  EXPECT_EQ(saved, (std::vector<std::uint64_t>{3, 6}));
  EXPECT_EQ(published, (std::vector<std::uint64_t>{2, 3, 4, 6}));
}

TEST_F(TrainStepTest, LetsBatchesPassUntrainedAfterAStop) {
  auto step = make({.end_batch = 100});
  take(step, 0);
  stop = true;
  EXPECT_FALSE(take(step, 1).trained);
  EXPECT_EQ(backend.steps(), 1U);
  EXPECT_EQ(step.progress().next_batch, 1U);
}

TEST_F(TrainStepTest, EndsTheRunAtItsLimitAndAsksForNothingThere) {
  auto step =
      make({.end_batch = 2, .validation = {.every_steps = 1}, .checkpoint = {.every_steps = 1}});
  EXPECT_TRUE(take(step, 0).validation);
  const auto last = take(step, 1);
  EXPECT_FALSE(last.validation);
  EXPECT_FALSE(last.checkpoint);
  EXPECT_TRUE(ending.has_come());
}

TEST_F(TrainStepTest, CountsTimeFromTheRunsBeginning) {
  auto step =
      make({.end_batch = 100, .max_seconds = 50.0}, {.step = 9, .next_batch = 9, .seconds = 50.0});
  EXPECT_GE(take(step, 9).report.progress.seconds, 50.0);
  EXPECT_TRUE(ending.has_come());
}

TEST_F(TrainStepTest, TakesTheLearningRateOfEachStepFromTheSchedule) {
  const ScheduleOptions falling{.kind = ScheduleKind::kLinear, .learning_rate = 0.5};
  auto step = make({.schedule = falling, .end_batch = 4});
  for (std::uint64_t i = 0; i < 4; ++i) {
    const double expected = 0.5 * (1.0 - 0.25 * static_cast<double>(i));
    EXPECT_EQ(take(step, i).report.progress.learning_rate, expected);
    EXPECT_EQ(step.progress().learning_rate, expected);
  }
  EXPECT_EQ(backend.learning_rates, (std::vector<float>{0.5F, 0.375F, 0.25F, 0.125F}));
}

TEST_F(TrainStepTest, ResumesTheScheduleWhereItStood) {
  const ScheduleOptions falling{.kind = ScheduleKind::kLinear, .learning_rate = 0.5};
  auto step = make({.schedule = falling, .end_batch = 8}, {.step = 6, .next_batch = 6});
  EXPECT_EQ(take(step, 6).report.progress.learning_rate, 0.125);
}

TEST_F(TrainStepTest, EndsAScheduleWithTheSecondsOfTheRun) {
  const ScheduleOptions falling{.kind = ScheduleKind::kLinear, .learning_rate = 0.5};
  auto step = make({.schedule = falling, .end_batch = 1000, .max_seconds = 100.0},
                   {.step = 10, .next_batch = 10, .seconds = 75.0});
  EXPECT_EQ(take(step, 10).report.progress.learning_rate, 0.125);
}

TEST_F(TrainStepTest, RefusesALossThatIsNotANumber) {
  backend.loss = [](std::uint64_t) { return std::numeric_limits<double>::quiet_NaN(); };
  auto step = make({.end_batch = 100});
  try {
    take(step, 0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kDiverged);
  }
}

TEST_F(TrainStepTest, RefusesToPublishWeightsThatAreNotFinite) {
  auto step = make({.end_batch = 100, .checkpoint = {.every_steps = 2}});
  take(step, 0);
  backend.set_weight(std::numeric_limits<float>::infinity());
  try {
    take(step, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kDiverged);
    EXPECT_TRUE(published.empty());
  }
}

TEST_F(TrainStepTest, CountsStepsThatAreBegunEarlyAndEndsThemInOrder) {
  auto step =
      make({.end_batch = 100, .validation = {.every_steps = 3}, .checkpoint = {.every_steps = 4}});
  const auto batch = [](std::uint64_t index) {
    Batch made;
    made.index = index;
    made.rows = 2;
    made.length = 5;
    return std::make_shared<const DeviceBatch>(made);
  };
  step.begin(batch(0));
  step.begin(batch(1));
  EXPECT_EQ(backend.steps(), 2U);
  EXPECT_EQ(step.progress().step, 0U);
  EXPECT_EQ(step.end().report.progress.train_loss, 1.0);
  EXPECT_EQ(step.end().report.progress.train_loss, 0.5);
  EXPECT_EQ(step.progress().characters, 20U);
  for (const std::uint64_t index : {2, 3, 99}) {
    EXPECT_EQ(step.stay_begun(batch(index)->host()), 0U) << index;
  }
  EXPECT_EQ(step.stay_begun(batch(4)->host()), 1U);
  backend.deep = 1;
  EXPECT_EQ(step.stay_begun(batch(4)->host()), 0U) << "it is done when it was begun";
  step.begin(batch(2));
  stop = true;
  step.begin(batch(3));
  EXPECT_TRUE(step.end().trained) << "it was begun before the end";
  EXPECT_FALSE(step.end().trained);
  EXPECT_EQ(step.progress().next_batch, 3U);
}

}  // namespace
}  // namespace charrnn
