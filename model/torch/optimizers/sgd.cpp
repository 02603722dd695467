#include "model/torch/optimizer.h"

namespace charrnn {

// torch.optim.SGD with momentum; slots and factors as model/optimizer.cpp has them.
void sgd_step(const UpdateTensors& tensors) {
  const at::Tensor& factors = tensors.factors;
  const at::Tensor& momentum = tensors.slots[0];
  momentum.mul_(factors[1]).add_(tensors.gradient);
  const at::Tensor direction = momentum * factors[2] + tensors.gradient * factors[3];
  tensors.weights.sub_(direction * factors[0]);
}

}  // namespace charrnn
