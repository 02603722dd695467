#include "model/torch/optimizer.h"

namespace charrnn {

// torch.optim.Adam; slots and factors as model/optimizer.cpp has them.
void adam_step(const UpdateTensors& tensors) {
  constexpr double kBeta1 = 0.9;
  constexpr double kBeta2 = 0.999;
  constexpr double kEpsilon = 1e-8;
  const at::Tensor& gradient = tensors.gradient;
  const at::Tensor& exp_avg = tensors.slots[0];
  const at::Tensor& exp_avg_sq = tensors.slots[1];
  exp_avg.lerp_(gradient, 1.0 - kBeta1);
  exp_avg_sq.mul_(kBeta2).addcmul_(gradient, gradient, 1.0 - kBeta2);
  const at::Tensor denominator = exp_avg_sq.sqrt().div_(tensors.factors[1]).add_(kEpsilon);
  tensors.weights.addcdiv_(exp_avg * tensors.factors[0], denominator, -1.0);
}

}  // namespace charrnn
