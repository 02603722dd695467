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

void decay_matrices(const UpdateTensors& tensors, const at::Tensor& before, const at::Tensor& decay,
                    bool cautious) {
  for (const TensorSpec& tensor : tensors.layout) {
    if (!tensor.is_matrix()) continue;
    const auto first = static_cast<std::int64_t>(tensor.offset);
    const auto size = static_cast<std::int64_t>(tensor.size);
    const at::Tensor was = before.narrow(0, first, size);
    const at::Tensor weights = tensors.weights.narrow(0, first, size);
    const at::Tensor lost = was * decay;
    weights.sub_(cautious ? lost * ((was - weights) * was > 0.0) : lost);
  }
}

UpdateTensors part_of(const UpdateTensors& tensors, const TensorSpec& tensor) {
  const auto part = [&tensor](const at::Tensor& flat) {
    return flat.narrow(0, static_cast<std::int64_t>(tensor.offset),
                       static_cast<std::int64_t>(tensor.size));
  };
  UpdateTensors parts{.weights = part(tensors.weights),
                      .gradient = part(tensors.gradient),
                      .slots = {},
                      .factors = tensors.factors,
                      .layout = {}};
  for (const at::Tensor& slot : tensors.slots) parts.slots.push_back(part(slot));
  return parts;
}

OptimizerStep optimizer_step(OptimizerKind kind) {
  constexpr OptimizerStep kSteps[kOptimizers] = {adam_step, sgd_step, muon_step};
  return kSteps[static_cast<std::size_t>(kind)];
}

}  // namespace charrnn
