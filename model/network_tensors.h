#pragma once

#include <vector>

#include "model/network.h"

namespace charrnn {

/// One layer's tensors in the flat buffer, PyTorch's names.
struct LayerTensors {
  TensorSpec weight_ih, weight_hh, bias_ih, bias_hh;
};

/// The tensors of parameter_layout() by what they are, for whoever computes with them.
struct NetworkTensors {
  explicit NetworkTensors(const NetworkShape& shape);

  std::vector<LayerTensors> layers;
  TensorSpec head_weight, head_bias;
};

}  // namespace charrnn
