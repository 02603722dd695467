#include "model/torch/optimizer.h"

#include <gtest/gtest.h>

#include "tests/model/plain_optimizer.h"

namespace charrnn {
namespace {

constexpr std::int64_t kSize = 77;
constexpr double kRate = 0.01;

Weights torch_end(const OptimizerOptions& options) {
  const OptimizerRule& rule = optimizer_rule(options.kind);
  UpdateTensors tensors{.weights = at::zeros({kSize}),
                        .gradient = at::zeros({kSize}),
                        .slots = {},
                        .factors = at::zeros({kUpdateFactors}),
                        .layout = {}};
  for (std::size_t s = 0; s < rule.slots.size(); ++s) tensors.slots.push_back(at::zeros({kSize}));
  for (std::int64_t i = 0; i < kSize; ++i) tensors.weights[i] = drawn(0, i);
  for (std::uint64_t step = 1; step <= 10; ++step) {
    for (std::int64_t i = 0; i < kSize; ++i) tensors.gradient[i] = 0.5F * drawn(step, i);
    const UpdateFactors factors = rule.factors(options, step, kRate);
    for (std::size_t f = 0; f < factors.size(); ++f) {
      tensors.factors[static_cast<std::int64_t>(f)].fill_(factors[f]);
    }
    optimizer_step(options.kind)(tensors);
  }
  const float* values = tensors.weights.const_data_ptr<float>();
  return {values, values + kSize};
}

TEST(TorchOptimizers, EndTenStepsWherePlainLoopsDo) {
  for (const OptimizerOptions& options : every_optimizer()) {
    EXPECT_LT(relative_error(torch_end(options), plain_end(options, kSize, kRate)), 1e-5)
        << word_of(options.kind) << " " << options.momentum << " " << options.nesterov;
  }
}

}  // namespace
}  // namespace charrnn
