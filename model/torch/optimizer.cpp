#include "model/torch/optimizer.h"

namespace charrnn {

at::Tensor gradient_norm(const std::vector<at::Tensor>& gradients) {
  std::vector<at::Tensor> norms;
  for (const at::Tensor& gradient : gradients) norms.push_back(gradient.norm());
  return at::stack(norms).norm();
}

at::Tensor clipped(const at::Tensor& gradient, const at::Tensor& norm, double clip) {
  return gradient * (clip / (norm + 1e-6)).clamp_max(1.0);
}

OptimizerStep optimizer_step(OptimizerKind kind) {
  constexpr OptimizerStep kSteps[kOptimizers] = {adam_step, sgd_step};
  return kSteps[static_cast<std::size_t>(kind)];
}

}  // namespace charrnn
