#include "model/torch/optimiser.h"

#include <cmath>

namespace charrnn {
namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;

}  // namespace

at::Tensor gradient_norm(const std::vector<at::Tensor>& gradients) {
  std::vector<at::Tensor> norms;
  for (const at::Tensor& gradient : gradients) norms.push_back(gradient.norm());
  return at::stack(norms).norm();
}

at::Tensor clipped(const at::Tensor& gradient, const at::Tensor& norm, double clip) {
  return gradient * (clip / (norm + 1e-6)).clamp_max(1.0);
}

std::array<double, 2> adam_factors(std::uint64_t step, double learning_rate) {
  const auto exponent = static_cast<double>(step);
  return {-learning_rate / (1.0 - std::pow(kBeta1, exponent)),
          std::sqrt(1.0 - std::pow(kBeta2, exponent))};
}

void adam_step(at::Tensor& weights, const at::Tensor& gradient, Moments& moments,
               const at::Tensor& factors) {
  moments.exp_avg.lerp_(gradient, 1.0 - kBeta1);
  moments.exp_avg_sq.mul_(kBeta2).addcmul_(gradient, gradient, 1.0 - kBeta2);
  const at::Tensor denominator = moments.exp_avg_sq.sqrt().div_(factors[1]).add_(kEpsilon);
  weights.addcdiv_(moments.exp_avg * factors[0], denominator);
}

}  // namespace charrnn
