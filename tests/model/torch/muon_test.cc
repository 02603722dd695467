#include <gtest/gtest.h>

#include "tests/model/plain_average.h"
#include "tests/model/plain_muon.h"
#include "tests/model/torch/random_batches.h"

namespace charrnn {
namespace {

TEST(TorchMuon, EndsTenStepsWherePlainLoopsDo) {
  const NetworkShape shape{.vocabulary = 33, .hidden = 37, .layers = 2};
  const TrainState start =
      fresh_state(shape, 5, initial_weights(shape, 3), {.kind = OptimizerKind::kMuon});
  const auto backend = make_torch_backend(start, Device::kCpu, {});
  const auto batch = [](std::uint64_t step) { return random_batch(step, 33, 5, 9); };
  EXPECT_LT(distance_from_plain_muon(*backend, start, batch), 1e-5);
}

TEST(TorchMuon, DecaysTheMatricesAsPlainLoopsDo) {
  const NetworkShape shape{.vocabulary = 33, .hidden = 37, .layers = 2};
  for (const bool cautious : {false, true}) {
    const TrainState start = fresh_state(
        shape, 5, initial_weights(shape, 3),
        {.kind = OptimizerKind::kMuon, .weight_decay = 0.01, .cautious_decay = cautious});
    const auto backend = make_torch_backend(start, Device::kCpu, {});
    const auto batch = [](std::uint64_t step) { return random_batch(step, 33, 5, 9); };
    EXPECT_LT(distance_from_plain_muon(*backend, start, batch), 1e-5) << cautious;
  }
}

TEST(TorchBackend, AveragesTheWeightsOfItsSteps) {
  const NetworkShape shape{.vocabulary = 33, .hidden = 37, .layers = 2};
  const TrainState start = fresh_state(shape, 5, initial_weights(shape, 3), {.ema = 0.4});
  const auto backend = make_torch_backend(start, Device::kCpu, {});
  const auto batch = [](std::uint64_t step) { return random_batch(step, 33, 5, 9); };
  EXPECT_LT(distance_from_plain_average(*backend, start, batch), 1e-5);
  EXPECT_NE(*backend->weights(), backend->state().weights);
}

}  // namespace
}  // namespace charrnn
