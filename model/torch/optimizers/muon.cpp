#include "model/optimizer.h"
#include "model/torch/optimizer.h"

namespace charrnn {
namespace {

/// Blocks [gates, rows, columns], each made orthogonal.
at::Tensor orthogonal(const at::Tensor& blocks) {
  using Series = NewtonSchulzSeries;
  const at::Tensor norm = blocks.norm(2, {1, 2}, /*keepdim=*/true);
  at::Tensor x = blocks / norm.clamp_min(Series::kSmallest);
  const bool across = x.size(1) < x.size(2);
  if (across) x = x.transpose(1, 2);
  for (const Series::Step& step : Series::kSteps) {
    at::Tensor gram = x.transpose(1, 2).matmul(x);
    at::Tensor square = gram.matmul(gram);
    if (&step == &Series::kSteps.front()) {
      const at::Tensor bound =
          square.norm(2, {1, 2}, /*keepdim=*/true).pow(0.25).clamp_min(Series::kSmallest) *
          Series::kMargin;
      x = x / bound;
      gram = gram / bound.pow(2);
      square = square / bound.pow(4);
    }
    x = x * step.a + x.matmul(gram * step.b + square * step.c);
  }
  x = x * (norm / (norm + Series::kEpsilon));
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
