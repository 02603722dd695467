#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "model/network.h"

namespace charrnn {

/// The norm of all gradients together, as torch.nn.utils.clip_grad_norm_ takes it: of the norms of
/// the tensors. On their device.
at::Tensor gradient_norm(const std::vector<at::Tensor>& gradients);

/// `gradient` scaled down to the norm `clip`, with clip_grad_norm_'s formula.
at::Tensor clipped(const at::Tensor& gradient, const at::Tensor& norm, double clip);

/// What one step of an optimiser works on; all on one device.
struct UpdateTensors {
  at::Tensor weights;             ///< [P], changed in place
  at::Tensor gradient;            ///< [P], clipped
  std::vector<at::Tensor> slots;  ///< [P] each, in the order of the OptimizerRule; changed in place
  at::Tensor factors;             ///< [kUpdateFactors], as the OptimizerRule tells them
  std::vector<TensorSpec> layout;  ///< of the parameters; for optimisers that see matrices
};

/// Takes the share `decay` of what the matrices were `before` an update from their weights; if
/// `cautious`, only where the update moved towards 0.
void decay_matrices(const UpdateTensors& tensors, const at::Tensor& before, const at::Tensor& decay,
                    bool cautious);

/// One tensor's part of these, without a layout.
UpdateTensors part_of(const UpdateTensors& tensors, const TensorSpec& tensor);

/// The step of this optimiser, on all parameters.
using OptimizerStep = void (*)(const UpdateTensors& tensors);
OptimizerStep optimizer_step(OptimizerKind kind);

/// The steps, each in optimizers/.
void adam_step(const UpdateTensors& tensors);
void sgd_step(const UpdateTensors& tensors);
void muon_step(const UpdateTensors& tensors);

}  // namespace charrnn
