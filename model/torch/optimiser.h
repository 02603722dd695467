#pragma once

#include <ATen/ATen.h>

#include <array>
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

/// What the number of a step, from 1, does to Adam's: minus the step size, and the root of the
/// second moment's correction.
std::array<double, 2> adam_factors(std::uint64_t step, double learning_rate);

/// One step of torch.optim.Adam (beta 0.9 and 0.999, eps 1e-8, no weight decay) in place. `factors`
/// [2]: adam_factors() as a tensor beside the weights. [Kingma and Ba, arXiv:1412.6980]
void adam_step(at::Tensor& weights, const at::Tensor& gradient, Moments& moments,
               const at::Tensor& factors);

}  // namespace charrnn
