#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "model/cell_kind.h"

namespace charrnn {

/// The parameters of one layer with G gates: views of a flat buffer, PyTorch's shapes.
struct LayerParameters {
  at::Tensor weight_ih;  ///< [G H, V or H]
  at::Tensor weight_hh;  ///< [G H, H]
  at::Tensor bias_ih;    ///< [G H]
  at::Tensor bias_hh;    ///< [G H]
};

/// A layer's states inside a window, in the order of the cell; each [B, H].
using LayerState = std::vector<at::Tensor>;

/// A kind of cell in tensor operations, which autograd differentiates.
struct CellTensors {
  /// A window of one layer: input [T, B, V or H] to output [T, B, H]. Replaces the states.
  at::Tensor (*run)(const LayerParameters& layer, const at::Tensor& input, LayerState& state);

  /// For an input of characters that is not multiplied but looked up: what each of them adds to
  /// the gates, [V, G H], and the window whose characters add `shares` [T, B, G H].
  at::Tensor (*input_table)(const LayerParameters& layer);
  at::Tensor (*run_shares)(const LayerParameters& layer, const at::Tensor& shares,
                           LayerState& state);
};

/// The operations of a kind of cell.
const CellTensors& cell_tensors(CellKind kind);

/// One for each file in model/torch/cells/.
extern const CellTensors kLstmTensors, kGruTensors, kTanhTensors;

}  // namespace charrnn
