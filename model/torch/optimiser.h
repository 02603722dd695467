#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace charrnn {

/// The norm of all gradients together, as torch.nn.utils.clip_grad_norm_ takes it: of the norms of
/// the tensors. On their device.
at::Tensor gradient_norm(const std::vector<at::Tensor>& gradients);

/// `gradient` scaled down to the norm `clip`, with clip_grad_norm_'s formula.
at::Tensor clipped(const at::Tensor& gradient, const at::Tensor& norm, double clip);

/// Adam's moments of one flat buffer, PyTorch's names.
struct Moments {
  at::Tensor exp_avg;
  at::Tensor exp_avg_sq;
};

/// One step of torch.optim.Adam (beta 0.9 and 0.999, eps 1e-8, no weight decay) in place, with its
/// operations in its order. `step` from 1. [Kingma and Ba, arXiv:1412.6980]
void adam_step(at::Tensor& weights, const at::Tensor& gradient, Moments& moments,
               std::uint64_t step, double learning_rate);

}  // namespace charrnn
