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

TEST(RecordPlace, IsBeforeTheNextValidationAndNotAfterTheNextCheckpoint) {
  EXPECT_EQ(record_place(4, {.validation_every = 4, .checkpoint_every = 0}), 7U);
  EXPECT_EQ(record_place(4, {.validation_every = 4, .checkpoint_every = 6}), 6U);
  EXPECT_EQ(record_place(4, {.validation_every = 4, .checkpoint_every = 4}), 4U);
  EXPECT_EQ(record_place(5, {.validation_every = 4, .checkpoint_every = 100}), 7U);
}

TEST_F(RecorderTest, PutsAValidationAtTheSamePlaceHoweverLongItTook) {
  for (const std::uint64_t result_after : {4U, 5U, 7U}) {
    std::filesystem::resize_file(file, 0);
    Recorder recorder(log, {.validation_every = 4, .checkpoint_every = 0});
    for (std::uint64_t n = 1; n <= 7; ++n) {
      recorder.step(step(n, n == 4));
      if (n == result_after) recorder.validated({.step = 4, .loss = 1.0});
    }
    recorder.step(step(8, true));
    EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, 4, 5, 6, 7, -4, 8})) << result_after;
  }
}

TEST_F(RecorderTest, HoldsACheckpointUntilEveryValidationBeforeItIsWritten) {
  Recorder recorder(log, {.validation_every = 4, .checkpoint_every = 6});
  for (std::uint64_t n = 1; n <= 5; ++n) recorder.step(step(n, n == 4));
  EXPECT_TRUE(recorder.step(step(6, false, true)).empty());
  EXPECT_TRUE(recorder.step(step(7)).empty());
  EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, 4, 5, 6}));
  const auto released = recorder.validated({.step = 4, .loss = 1.0});
  ASSERT_EQ(released.size(), 1U);
  EXPECT_EQ(released[0]->progress.step, 6U);
  EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, 4, 5, 6, -4, 7}));
}

TEST_F(RecorderTest, ACutOffValidationIsCarriedOverAndNoTrainingRecordIsLost) {
  Recorder recorder(log, {.validation_every = 4, .checkpoint_every = 5});
  for (std::uint64_t n = 1; n <= 6; ++n) recorder.step(step(n, n == 4, n == 5));
  const auto pending = recorder.end(false);
  ASSERT_TRUE(pending);
  EXPECT_EQ(pending->request.step, 4U);
  EXPECT_NE(pending->request.weights, nullptr);
  EXPECT_FALSE(pending->result);
  EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, 4, 5, 6}));
}

TEST_F(RecorderTest, AResultThatIsNotDueYetIsCarriedOverAndTakenUpAgain) {
  {
    Recorder recorder(log, {.validation_every = 4, .checkpoint_every = 0});
    for (std::uint64_t n = 1; n <= 5; ++n) recorder.step(step(n, n == 4));
    recorder.validated({.step = 4, .loss = 1.0});
    const auto pending = recorder.end(false);
    ASSERT_TRUE(pending && pending->result);
  }
  Recorder recorder(log, {.validation_every = 4, .checkpoint_every = 0});
  recorder.expect({.step = 4, .loss = 1.0});
  for (std::uint64_t n = 6; n <= 8; ++n) recorder.step(step(n, n == 8));
  EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, 4, 5, 6, 7, -4, 8}));
}

TEST_F(RecorderTest, AResultMayComeAfterTheStepThatAsksForTheNextValidation) {
  Recorder recorder(log, {.validation_every = 4, .checkpoint_every = 0});
  for (std::uint64_t n = 1; n <= 8; ++n) recorder.step(step(n, n % 4 == 0));
  recorder.validated({.step = 4, .loss = 1.0});
  recorder.validated({.step = 8, .loss = 1.0});
  for (std::uint64_t n = 9; n <= 12; ++n) recorder.step(step(n, n % 4 == 0));
  EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, 4, 5, 6, 7, -4, 8, 9, 10, 11, -8, 12}));
}

TEST_F(RecorderTest, RecordsTheValidationOfTheRunsEndLastAndTellsOfIt) {
  double told = 0.0;
  Recorder recorder(log, {.validation_every = 4, .checkpoint_every = 0}, {},
                    [&](const ValidationResult& result) { told = result.loss; });
  for (std::uint64_t n = 1; n <= 3; ++n) recorder.step(step(n));
  EXPECT_FALSE(recorder.end(/*finished=*/true));
  recorder.ask({.step = 3, .weights = std::make_shared<Weights>()});
  recorder.validated({.step = 3, .loss = 1.25});
  EXPECT_FALSE(recorder.end(/*finished=*/true));
  EXPECT_EQ(told, 1.25);
  EXPECT_EQ(order_of(file), (std::vector<int>{1, 2, 3, -3}));
}

TEST_F(RecorderTest, CarriesTheValidationOfTheRunsEndOverWhenItWasCutOff) {
  Recorder recorder(log, {.validation_every = 4, .checkpoint_every = 0});
  recorder.step(step(1));
  const auto weights = std::make_shared<const Weights>(Weights{0.5F});
  recorder.ask({.step = 1, .weights = weights});
  const auto open = recorder.end(/*finished=*/true);
  ASSERT_TRUE(open);
  EXPECT_EQ(open->request.weights, weights);
  EXPECT_FALSE(open->result);
}

TEST_F(RecorderTest, WritesTrainingRecordsAsOftenAsItIsTold) {
  Recorder recorder(log, {.validation_every = 0, .checkpoint_every = 0, .metrics_every = 3});
  for (std::uint64_t n = 1; n <= 7; ++n) recorder.step(step(n));
  EXPECT_EQ(order_of(file), (std::vector<int>{3, 6}));
}

}  // namespace
}  // namespace charrnn
