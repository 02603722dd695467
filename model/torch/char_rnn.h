#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "model/network.h"
#include "model/torch/cell_tensors.h"

namespace charrnn {

/// All parameters of a network, as views of one flat buffer in the order of parameter_layout().
struct NetworkParameters {
  CellKind cell = CellKind::kLstm;
  std::vector<LayerParameters> layers;
  at::Tensor fc_weight;  ///< [V, H]
  at::Tensor fc_bias;    ///< [V]
};

/// Views of `flat` [parameter_count], which has to outlive them. With a `gradient` of the same size
/// the views are leaves of autograd, and backward() adds their gradients up in there.
NetworkParameters view_parameters(const NetworkShape& shape, const at::Tensor& flat,
                                  const at::Tensor& gradient = {});

/// What is carried from window to window: the states of the cell in its order, each [L, B, H].
using CarriedState = std::vector<at::Tensor>;

/// A zero state on this device.
CarriedState zero_state(const NetworkShape& shape, std::int64_t rows, at::Device device);

/// Before character `step` of a window, the state of each row is multiplied by `keep` [B, 1] (0 or
/// 1).
struct Reset {
  std::int64_t step = 0;
  at::Tensor keep;
};

/// One batch as the network reads it.
struct Window {
  at::Tensor inputs;          ///< [T, B] int64
  at::Tensor targets;         ///< [T * B] int64, in the order of inputs
  std::vector<Reset> resets;  ///< ascending
};

/// How the first layer multiplies its one-hot input. Both give the same values but for rounding.
enum class FirstLayer {
  kOneHot,  ///< expands the input and multiplies: one call for the whole window
  kGather,  ///< takes columns of weight_ih instead; no product with zeros
};

/// Recurrent layers -> Dropout -> Linear over one window. `masks`: a factor [T, B, H] for each
/// layer's output, or empty. Replaces `state` by that after the window, detached. Returns the
/// scores [T * B, V].
at::Tensor forward(const NetworkParameters& parameters, const Window& window, CarriedState& state,
                   const std::vector<at::Tensor>& masks, FirstLayer first_layer);

}  // namespace charrnn
