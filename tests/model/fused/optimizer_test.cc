#include <gtest/gtest.h>

#include <algorithm>

#include "model/fused/kernel_choice.h"
#include "tests/model/plain_optimizer.h"

namespace charrnn {
namespace {

constexpr std::size_t kSize = 77;  // no whole number of vectors
constexpr double kRate = 0.01;

Weights fused_end(const Kernels& kernels, const OptimizerOptions& options) {
  const OptimizerRule& rule = optimizer_rule(options.kind);
  Weights weights(kSize), gradient(kSize);
  for (std::size_t i = 0; i < kSize; ++i) weights[i] = drawn(0, i);
  auto slots = zero_slots(options, kSize);
  UpdateRun run{
      .count = kSize, .weights = weights.data(), .gradient = gradient.data(), .clip_factor = 0.5F};
  for (std::size_t s = 0; s < slots.size(); ++s) run.slots[s] = slots[s].values.data();
  for (std::uint64_t step = 1; step <= 10; ++step) {
    for (std::size_t i = 0; i < kSize; ++i) gradient[i] = drawn(step, i);
    const UpdateFactors factors = rule.factors(options, step, kRate);
    std::ranges::transform(factors, run.factors, [](double x) { return static_cast<float>(x); });
    kernels.update[static_cast<std::size_t>(options.kind)](run);
  }
  return weights;
}

TEST(FusedOptimizers, EndTenStepsWherePlainLoopsDo) {
  for (const Kernels* kernels : runnable_kernels()) {
    for (const OptimizerOptions& options : every_optimizer()) {
      EXPECT_LT(relative_error(fused_end(*kernels, options), plain_end(options, kSize, kRate)),
                1e-5)
          << kernels->name << " " << word_of(options.kind) << " " << options.momentum << " "
          << options.nesterov;
    }
  }
}

}  // namespace
}  // namespace charrnn
