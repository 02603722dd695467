#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/fused/fused_backend.h"
#include "model/fused/kernel_choice.h"
#include "model/fused/newton_schulz.h"
#include "tests/model/fused/plain_network.h"
#include "tests/model/plain_average.h"
#include "tests/model/plain_muon.h"

namespace charrnn {
namespace {

constexpr int kRows = 7;
constexpr int kLength = 11;

TrainState start(const NetworkShape& shape) {
  return fresh_state(shape, kRows, initial_weights(shape, 3), {.kind = OptimizerKind::kMuon});
}

void take_steps(Backend& backend, const NetworkShape& shape, std::uint64_t first,
                std::uint64_t last) {
  for (std::uint64_t step = first; step <= last; ++step) {
    const Batch batch = random_batch(shape, kRows, kLength, 100 + step);
    backend.begin(backend.transfer(batch), {.step = step, .learning_rate = 0.02F, .clip = 1.0F})();
  }
}

TEST(NewtonSchulz, MatchesPlainLoopsForEveryShape) {
  for (const Kernels* kernels : runnable_kernels()) {
    NewtonSchulz newton_schulz(*kernels, 90, 40);
    for (const auto& [rows, columns] : {std::pair(1, 1), {40, 40}, {37, 5}, {5, 37}, {90, 33}}) {
      PlainMatrix plain{.rows = rows, .columns = columns};
      std::vector<float> matrix(plain.values.size());
      for (std::size_t i = 0; i < matrix.size(); ++i) plain.values[i] = matrix[i] = drawn(1, i);
      PlainMatrix orthogonal = plain_orthogonal(plain);
      for (double& value : orthogonal.values) value *= 2.0;
      newton_schulz.run(matrix.data(), rows, columns, 2.0);
      EXPECT_LT(relative_error(matrix, orthogonal.values), 1e-5)
          << kernels->name << " " << rows << " x " << columns;
    }
  }
}

TEST(NewtonSchulz, LeavesZerosAsTheyAre) {
  NewtonSchulz newton_schulz(fastest_kernels(), 20, 10);
  std::vector<float> zeros(200, 0.0F);
  newton_schulz.run(zeros.data(), 10, 20, 1.0);
  EXPECT_EQ(zeros, std::vector<float>(200, 0.0F));
}

TEST(NewtonSchulz, MakesNaNOfAMatrixWithOneNaN) {
  std::vector<const Kernels*> all = runnable_kernels();
  if (bf16_kernels() != nullptr) all.push_back(bf16_kernels());
  for (const Kernels* kernels : all) {
    NewtonSchulz newton_schulz(*kernels, 20, 10);
    std::vector<float> matrix(200, 0.5F);
    matrix[3] = std::nanf("");
    newton_schulz.run(matrix.data(), 10, 20, 1.0);
    EXPECT_TRUE(std::ranges::all_of(matrix, [](float x) { return std::isnan(x); }))
        << kernels->name;
  }
}

TEST(NewtonSchulz, TurnsTinyNumbersAsItTurnsLargeOnes) {
  NewtonSchulz newton_schulz(fastest_kernels(), 12, 9);
  std::vector<float> large(108), tiny(108);
  for (std::size_t i = 0; i < large.size(); ++i) {
    large[i] = drawn(2, i);
    tiny[i] = large[i] * 1e-6F;
  }
  newton_schulz.run(large.data(), 12, 9, 1.0);
  newton_schulz.run(tiny.data(), 12, 9, 1.0);
  for (std::size_t i = 0; i < large.size(); ++i) EXPECT_NEAR(tiny[i], large[i], 0.1);
}

TEST(FusedMuon, EndsTenStepsWherePlainLoopsDo) {
  std::vector<const Kernels*> all = runnable_kernels();
  if (bf16_kernels() != nullptr) all.push_back(bf16_kernels());
  for (const Kernels* kernels : all) {
    for (int cell = 0; cell < kCellKinds; ++cell) {
      const TrainState state = start({33, 37, 2, static_cast<CellKind>(cell)});
      const auto backend = make_fused_backend(state, {.kernel_threads = 2}, *kernels);
      const auto batch = [&](std::uint64_t step) {
        return random_batch(state.network, kRows, kLength, step);
      };
      EXPECT_LT(distance_from_plain_muon(*backend, state, batch), kernels->terms == 1 ? 1e-5 : 4e-3)
          << kernels->name << " " << describe(state.network.cell).name;
    }
  }
}

TEST(FusedBackend, AveragesTheWeightsOfItsSteps) {
  const NetworkShape shape{20, 24, 2};
  for (const OptimizerKind kind : {OptimizerKind::kAdam, OptimizerKind::kMuon}) {
    const TrainState state =
        fresh_state(shape, kRows, initial_weights(shape, 3), {.kind = kind, .ema = 0.4});
    const auto backend = make_fused_backend(state, {.kernel_threads = 2});
    const auto batch = [&](std::uint64_t step) {
      return random_batch(shape, kRows, kLength, step);
    };
    EXPECT_LT(distance_from_plain_average(*backend, state, batch), 1e-5);
    EXPECT_NE(*backend->weights(), backend->state().weights);
  }
}

// A small share: rounding may turn the direction of what hardly moves.
TEST(FusedMuon, DecaysTheMatricesAsPlainLoopsDo) {
  const NetworkShape shape{33, 37, 2};
  for (const bool cautious : {false, true}) {
    const TrainState state = fresh_state(
        shape, kRows, initial_weights(shape, 3),
        {.kind = OptimizerKind::kMuon, .weight_decay = 0.01, .cautious_decay = cautious});
    const auto backend = make_fused_backend(state, {.kernel_threads = 2});
    const auto batch = [&](std::uint64_t step) {
      return random_batch(shape, kRows, kLength, step);
    };
    EXPECT_LT(distance_from_plain_muon(*backend, state, batch), 1e-5) << cautious;
  }
}

TEST(FusedMuon, GivesTheSameBitsForAnyNumberOfThreads) {
  const TrainState state = start({83, 45, 2});
  const auto one = make_fused_backend(state, {.kernel_threads = 1});
  const auto two = make_fused_backend(state, {.kernel_threads = 2});
  take_steps(*one, state.network, 1, 5);
  take_steps(*two, state.network, 1, 5);
  EXPECT_EQ(*one->weights(), *two->weights());
}

TEST(FusedMuon, GoesOnFromItsStateBitForBit) {
  const TrainState state = start({20, 24, 1});
  const auto whole = make_fused_backend(state, {});
  take_steps(*whole, state.network, 1, 6);
  const auto begun = make_fused_backend(state, {});
  take_steps(*begun, state.network, 1, 3);
  const auto resumed = make_fused_backend(begun->state(), {});
  take_steps(*resumed, state.network, 4, 6);
  EXPECT_EQ(*resumed->weights(), *whole->weights());
  EXPECT_EQ(resumed->state().slots, whole->state().slots);
}

}  // namespace
}  // namespace charrnn
