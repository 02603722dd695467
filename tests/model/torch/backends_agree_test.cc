// Holds the fused kernels to libtorch's autograd.
#include <gtest/gtest.h>

#include <cmath>

#include "model/backend.h"
#include "tests/model/torch/random_batches.h"

namespace charrnn {
namespace {

constexpr double kClose = 1e-5;

/// One training to do with both backends.
struct Case {
  NetworkShape shape;
  int rows;
  int length;
  float dropout;
  bool resets;
};

int below(std::uint64_t seed, std::uint64_t what, int limit) {
  return static_cast<int>(philox(seed, what, 77)[0] % static_cast<std::uint32_t>(limit));
}

/// Sizes that are no multiples of any vector, tile or block, and some that are.
Case random_case(std::uint64_t seed) {
  Case made{};
  made.shape = {.vocabulary = 2 + below(seed, 0, 90),
                .hidden = 1 + below(seed, 1, 70),
                .layers = 1 + below(seed, 2, 3)};
  made.rows = 1 + below(seed, 3, 40);
  made.length = 1 + below(seed, 4, 25);
  made.dropout = seed % 2 == 0 ? 0.0F : 0.1F * static_cast<float>(1 + below(seed, 5, 6));
  made.resets = seed % 3 == 0;
  if (seed % 5 == 0) made.shape.hidden = 32 * (1 + below(seed, 6, 3));
  return made;
}

std::string name(const Case& made) {
  return "V " + std::to_string(made.shape.vocabulary) + ", H " + std::to_string(made.shape.hidden) +
         ", L " + std::to_string(made.shape.layers) + ", B " + std::to_string(made.rows) + ", T " +
         std::to_string(made.length) + ", dropout " + std::to_string(made.dropout) +
         (made.resets ? ", resets" : "");
}

Batch batch_of(const Case& made, std::uint64_t seed, std::uint64_t step) {
  Batch batch = random_batch(seed, made.shape.vocabulary, made.rows, made.length,
                             step * static_cast<std::uint64_t>(made.length));
  if (!made.resets) return batch;
  for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
    batch.resets.push_back(philox(seed, i, 100 + step)[0] % 7 == 0 ? 1 : 0);
  }
  return batch;
}

StepSettings settings_of(const Case& made, std::uint64_t step) {
  return {.step = step + 1, .seed = 9, .dropout = made.dropout, .clip = 0.5F};
}

void expect_close(const NetworkShape& shape, const std::string& what, const Weights& a,
                  const Weights& b, double allowed) {
  ASSERT_EQ(a.size(), b.size());
  for (const TensorSpec& tensor : parameter_layout(shape)) {
    EXPECT_LT(relative_distance(a.data() + tensor.offset, b.data() + tensor.offset, tensor.size),
              allowed)
        << what << " of " << tensor.name;
  }
}

class BackendsAgree : public testing::TestWithParam<int> {
 protected:
  const std::uint64_t seed_ = static_cast<std::uint64_t>(GetParam());
  const Case case_ = random_case(seed_);
  const testing::ScopedTrace trace_{__FILE__, __LINE__, name(case_)};
  const TrainState start_ = random_start(case_.shape, case_.rows, seed_);
  const std::unique_ptr<Backend> fused_ = make_fused_backend(start_, {.kernel_threads = 2});
  const std::unique_ptr<Backend> torch_ = make_torch_backend(start_, "cpu", {});
};

TEST_P(BackendsAgree, OnTenStepsOfTraining) {
  for (std::uint64_t step = 0; step < 10; ++step) {
    const Batch batch = batch_of(case_, seed_, step);
    const StepSettings settings = settings_of(case_, step);
    const StepResult a = fused_->step(*fused_->transfer(batch), settings);
    const StepResult b = torch_->step(*torch_->transfer(batch), settings);
    EXPECT_NEAR(a.loss / b.loss, 1.0, step == 0 ? kClose : 1e-4) << "step " << step;
    if (step > 0) continue;
    EXPECT_NEAR(a.gradient_norm / b.gradient_norm, 1.0, kClose);
    expect_close(case_.shape, "gradient", fused_->gradients(), torch_->gradients(), kClose);
  }
  expect_close(case_.shape, "weights", *fused_->weights(), *torch_->weights(), 1e-4);
  EXPECT_LT(relative_distance(fused_->state().hidden, torch_->state().hidden), 1e-3);
  EXPECT_LT(relative_distance(fused_->state().cell, torch_->state().cell), 1e-3);
}

TEST_P(BackendsAgree, OnTheScoreOfAText) {
  const auto a = fused_->scorer(fused_->weights());
  const auto b = torch_->scorer(torch_->weights());
  for (std::uint64_t step = 0; step < 3; ++step) {
    const Batch batch = batch_of(case_, seed_, step);
    EXPECT_NEAR(a->score(batch) / b->score(batch), 1.0, kClose) << "window " << step;
  }
}

TEST_P(BackendsAgree, OnGoingOnFromEachOthersState) {
  const auto step = [&](Backend& backend, std::uint64_t number) {
    return backend
        .step(*backend.transfer(batch_of(case_, seed_, number)), settings_of(case_, number))
        .loss;
  };
  step(*torch_, 0);
  const auto taken_over = make_fused_backend(torch_->state(), {.kernel_threads = 1});
  EXPECT_NEAR(step(*taken_over, 1) / step(*torch_, 1), 1.0, kClose);
  expect_close(case_.shape, "gradient", taken_over->gradients(), torch_->gradients(), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(RandomSizes, BackendsAgree, testing::Range(1, 17));

}  // namespace
}  // namespace charrnn
