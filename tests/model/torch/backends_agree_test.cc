// Holds the fused kernels to libtorch's autograd.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/error.h"
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

constexpr std::uint64_t kSizesOfACell = 12;

/// Sizes that are no multiples of any vector, tile or block, and some that are.
Case random_case(std::uint64_t seed) {
  Case made{};
  made.shape = {.vocabulary = 2 + below(seed, 0, 90),
                .hidden = 1 + below(seed, 1, 70),
                .layers = 1 + below(seed, 2, 3),
                .cell = static_cast<CellKind>((seed - 1) / kSizesOfACell)};
  made.rows = 1 + below(seed, 3, 40);
  made.length = 1 + below(seed, 4, 25);
  made.dropout = seed % 2 == 0 ? 0.0F : 0.1F * static_cast<float>(1 + below(seed, 5, 6));
  made.resets = seed % 3 == 0;
  // From here on the libtorch backend gathers instead of multiplying.
  if (seed % 4 == 1) made.shape.vocabulary += 256;
  if (seed % 5 == 0) made.shape.hidden = 32 * (1 + below(seed, 6, 3));
  return made;
}

std::string name(const Case& made) {
  return std::string(describe(made.shape.cell).name) + ", V " +
         std::to_string(made.shape.vocabulary) + ", H " + std::to_string(made.shape.hidden) +
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

/// Both backends at the beginning of the same training.
struct Pair {
  explicit Pair(std::uint64_t which)
      : seed(which),
        sizes(random_case(which)),
        start(random_start(sizes.shape, sizes.rows, which)) {}

  Batch batch(std::uint64_t step) const { return batch_of(sizes, seed, step); }

  StepResult train(Backend& backend, std::uint64_t step) const {
    return backend.begin(backend.transfer(batch(step)), settings_of(sizes, step))();
  }

  std::uint64_t seed;
  Case sizes;
  TrainState start;
  std::unique_ptr<Backend> fused = make_fused_backend(start, {.kernel_threads = 2});
  std::unique_ptr<Backend> torch = make_torch_backend(start, Device::kCpu, {});
};

/// Calls `check` with pairs of many sizes.
template <typename Check>
void for_random_sizes(const Check& check) {
  for (std::uint64_t seed = 1; seed <= kCellKinds * kSizesOfACell; ++seed) {
    const Pair pair(seed);
    SCOPED_TRACE(name(pair.sizes));
    check(pair);
  }
}

TEST(BackendsAgree, OnTenStepsOfTraining) {
  for_random_sizes([](const Pair& pair) {
    for (std::uint64_t step = 0; step < 10; ++step) {
      const StepResult a = pair.train(*pair.fused, step);
      const StepResult b = pair.train(*pair.torch, step);
      EXPECT_NEAR(a.loss / b.loss, 1.0, step == 0 ? kClose : 1e-4) << "step " << step;
      if (step > 0) continue;
      EXPECT_NEAR(a.gradient_norm / b.gradient_norm, 1.0, kClose);
      expect_close(pair.sizes.shape, "gradient", pair.fused->gradients(), pair.torch->gradients(),
                   kClose);
    }
    expect_close(pair.sizes.shape, "weights", *pair.fused->weights(), *pair.torch->weights(), 1e-4);
    const auto fused = pair.fused->state().carried, torch = pair.torch->state().carried;
    ASSERT_EQ(fused.size(), torch.size());
    for (std::size_t i = 0; i < fused.size(); ++i) {
      EXPECT_LT(relative_distance(fused[i].values, torch[i].values), 1e-3) << fused[i].name;
    }
  });
}

TEST(BackendsAgree, OnTheScoreOfAText) {
  for_random_sizes([](const Pair& pair) {
    const auto a = pair.fused->scorer(pair.fused->weights());
    const auto b = pair.torch->scorer(pair.torch->weights());
    for (std::uint64_t step = 0; step < 3; ++step) {
      EXPECT_NEAR(a->score(pair.batch(step)) / b->score(pair.batch(step)), 1.0, kClose)
          << "window " << step;
    }
  });
}

TEST(Scorers, ThatAreMadeFromWeightsAloneScoreAsTheirBackendsDo) {
  const Pair pair(3);
  const NetworkShape& network = pair.sizes.shape;
  const auto weights = pair.fused->weights();
  const auto score = [&](Scorer& scorer) { return scorer.score(pair.batch(0)); };
  const auto fused = make_fused_scorer(network, weights, {.kernel_threads = 2});
  EXPECT_EQ(score(*fused), score(*pair.fused->scorer(weights)));
  const auto torch = make_torch_scorer(network, weights, Device::kCpu, {});
  EXPECT_EQ(score(*torch), score(*pair.torch->scorer(weights)));
  EXPECT_THROW(make_torch_scorer(network, weights, Device::kAuto, {}), Error);
}

TEST(BackendsAgree, OnGoingOnFromEachOthersState) {
  for_random_sizes([](const Pair& pair) {
    pair.train(*pair.torch, 0);
    const auto taken_over = make_fused_backend(pair.torch->state(), {.kernel_threads = 1});
    EXPECT_NEAR(pair.train(*taken_over, 1).loss / pair.train(*pair.torch, 1).loss, 1.0, kClose);
    expect_close(pair.sizes.shape, "gradient", taken_over->gradients(), pair.torch->gradients(),
                 kClose);
  });
}

}  // namespace
}  // namespace charrnn
