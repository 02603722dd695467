#include "model/optimizer.h"
#include "model/torch/optimizer.h"

namespace charrnn {
namespace {

/// Blocks [gates, rows, columns], each made orthogonal.
at::Tensor orthogonal(const at::Tensor& blocks) {
  using Series = NewtonSchulzSeries;
  at::Tensor x = blocks / (blocks.norm(2, {1, 2}, /*keepdim=*/true) + Series::kEpsilon);
  const bool across = x.size(1) < x.size(2);
  if (across) x = x.transpose(1, 2);
  for (int step = 0; step < Series::kSteps; ++step) {
    const at::Tensor gram = x.transpose(1, 2).matmul(x);
    x = x * Series::kA + x.matmul(gram * Series::kB + gram.matmul(gram) * Series::kC);
  }
  return across ? x.transpose(1, 2) : x;
}

}  // namespace

// Muon on the matrices, Adam on the biases; slots and factors as model/optimizer.cpp has them.
void muon_step(const UpdateTensors& tensors) {
  for (const TensorSpec& tensor : tensors.layout) {
    const UpdateTensors part = part_of(tensors, tensor);
    if (!tensor.is_matrix()) {
      adam_step(part);
      continue;
    }
    const at::Tensor& average = part.slots[0];
    const at::Tensor& momentum = tensors.factors[4];
    average.add_((part.gradient - average) * (1.0 - momentum));
    const std::int64_t rows = tensor.shape[0] / tensor.gates;
    const at::Tensor blocks = (part.gradient + (average - part.gradient) * momentum)
                                  .view({tensor.gates, rows, tensor.shape[1]});
    const double scale = orthogonal_scale(rows, tensor.shape[1]);
    part.weights.sub_(orthogonal(blocks).reshape({-1}) * (tensors.factors[3] * scale));
  }
}

}  // namespace charrnn
