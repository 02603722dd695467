#include "nodes/recorder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

// The steps of a file's records in order, validations as negative numbers.
std::vector<int> order_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<int> order;
  for (std::string line; std::getline(in, line);) {
    const int step = std::stoi(line.substr(line.find(':') + 1));
    order.push_back(line.find("validation_loss") == std::string::npos ? step : -step);
  }
  return order;
}

StepDone step(std::uint64_t number, bool validates = false, bool checkpoints = false) {
  StepDone done{.trained = true,
                .report = {.progress = {.step = number, .train_loss = 1.0}},
                .validation = {},
                .checkpoint = {}};
  if (validates)
    done.validation = ValidationRequest{.step = number, .weights = std::make_shared<Weights>()};
  if (checkpoints) {
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->progress.step = number;
    done.checkpoint = checkpoint;
  }
  return done;
}

struct RecorderTest : ::testing::Test {
  TemporaryDirectory directory;
  std::filesystem::path file = directory.path() / "metrics.jsonl";
  MetricsLog log{file};
};

TEST_F(RecorderTest, WritesAValidationWhenItIsKnownAndHoldsBackNoTrainingRecord) {
  Recorder recorder(log, 1);
  for (std::uint64_t n = 1; n <= 5; ++n) recorder.step(step(n, n == 4));
  EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, 4, 5}));
  recorder.validated({.step = 4, .loss = 1.0});
  EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, 4, 5, -4}));
  recorder.step(step(6));
  EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, 4, 5, -4, 6}));
}

TEST_F(RecorderTest, HoldsACheckpointUntilEveryValidationUpToItIsWritten) {
  Recorder recorder(log, 1);
  for (std::uint64_t n = 1; n <= 5; ++n) recorder.step(step(n, n == 4));
  EXPECT_TRUE(recorder.step(step(6, false, true)).empty());
  EXPECT_TRUE(recorder.step(step(7)).empty());
  const auto released = recorder.validated({.step = 4, .loss = 1.0});
  ASSERT_EQ(released.size(), 1U);
  EXPECT_EQ(released[0]->progress.step, 6U);
  EXPECT_FALSE(released[0]->progress.validation_loss);
  EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, 4, 5, 6, 7, -4}));
}

TEST_F(RecorderTest, LetsACheckpointGoThatStandsBeforeAnOpenValidation) {
  Recorder recorder(log, 1);
  recorder.step(step(1, true));
  EXPECT_TRUE(recorder.step(step(2, false, true)).empty());
  EXPECT_TRUE(recorder.step(step(3, true, true)).empty());
  const auto released = recorder.validated({.step = 1, .loss = 1.0});
  ASSERT_EQ(released.size(), 1U);
  EXPECT_EQ(released[0]->progress.step, 2U);
  EXPECT_EQ(recorder.validated({.step = 3, .loss = 1.5}).size(), 1U);
}

TEST_F(RecorderTest, TellsACheckpointTheLossOfItsOwnWeights) {
  Recorder recorder(log, 1);
  recorder.step(step(3, true, true));
  const auto released = recorder.validated({.step = 3, .loss = 1.5});
  ASSERT_EQ(released.size(), 1U);
  EXPECT_EQ(released[0]->progress.validation_loss, 1.5);
  EXPECT_EQ(recorder.loss_after(3), 1.5);
  EXPECT_FALSE(recorder.loss_after(4));
}

TEST_F(RecorderTest, ACutOffValidationIsCarriedOverAndNoTrainingRecordIsLost) {
  Recorder recorder(log, 1);
  for (std::uint64_t n = 1; n <= 6; ++n) recorder.step(step(n, n == 4, n == 5));
  const auto open = recorder.end();
  ASSERT_TRUE(open);
  EXPECT_EQ(open->step, 4U);
  EXPECT_NE(open->weights, nullptr);
  EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, 4, 5, 6}));
}

TEST_F(RecorderTest, RecordsAValidationThatNoStepAskedForAndTellsOfIt) {
  double told = 0.0;
  Recorder recorder(log, 1, {}, [&](const ValidationResult& result) { told = result.loss; });
  for (std::uint64_t n = 1; n <= 3; ++n) recorder.step(step(n));
  EXPECT_FALSE(recorder.end());
  recorder.validated({.step = 3, .loss = 1.25});
  EXPECT_FALSE(recorder.end());
  EXPECT_EQ(told, 1.25);
  EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, -3}));
}

TEST_F(RecorderTest, WritesTrainingRecordsAsOftenAsItIsTold) {
  Recorder recorder(log, 3);
  for (std::uint64_t n = 1; n <= 7; ++n) recorder.step(step(n));
  EXPECT_EQ(order_of(file), (std::vector<int>{3, 6}));
}

}  // namespace
}  // namespace charrnn
