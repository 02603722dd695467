#include "nodes/pace.h"

#include <gtest/gtest.h>

#include <vector>

namespace charrnn {
namespace {

std::vector<std::uint64_t> due_up_to(const Pace& pace, std::uint64_t last) {
  std::vector<std::uint64_t> steps;
  for (std::uint64_t step = 1; step <= last; ++step) {
    if (pace.due(step, step)) steps.push_back(step);
  }
  return steps;
}

TEST(Pace, CountsSteps) {
  const Pace pace{.every_steps = 4, .windows = 10};
  EXPECT_EQ(due_up_to(pace, 12), (std::vector<std::uint64_t>{4, 8, 12}));
  EXPECT_EQ(pace.times(4, 12), 2U);
  EXPECT_EQ(pace.interval(), 4.0);
  EXPECT_TRUE(due_up_to({.windows = 10}, 100).empty());
}

TEST(Pace, OfWholeEpochsIsDueAtTheirEnds) {
  const Pace pace{.every_steps = 4, .every_epochs = 1, .windows = 10};
  EXPECT_EQ(due_up_to(pace, 30), (std::vector<std::uint64_t>{10, 20, 30}));
}

TEST(Pace, OfSharesOfAnEpochIsDueWithTheBatchThatCompletesOneAndStaysInStep) {
  const Pace pace{.every_epochs = 0.25, .windows = 10};
  EXPECT_EQ(due_up_to(pace, 20), (std::vector<std::uint64_t>{3, 5, 8, 10, 13, 15, 18, 20}));
  EXPECT_EQ(pace.times(3, 10), 3U);
  const Pace tenth{.every_epochs = 0.1, .windows = 1000};
  const auto steps = due_up_to(tenth, 100'000);
  ASSERT_EQ(steps.size(), 1000U);
  for (std::size_t i = 0; i < steps.size(); ++i) ASSERT_EQ(steps[i], 100 * (i + 1));
}

TEST(Pace, OfEpochsGoesByTheBatchesWhenTheyAreNotTheSteps) {
  const Pace pace{.every_epochs = 1, .windows = 10};
  EXPECT_TRUE(pace.due(33, 40));
  EXPECT_FALSE(pace.due(40, 47));
}

}  // namespace
}  // namespace charrnn
