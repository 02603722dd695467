#include "model/network_tensors.h"

namespace charrnn {

NetworkTensors::NetworkTensors(const NetworkShape& shape) {
  const std::vector<TensorSpec> layout = parameter_layout(shape);
  auto next = layout.begin();
  for (int layer = 0; layer < shape.layers; ++layer, next += 4) {
    layers.push_back({next[0], next[1], next[2], next[3]});
  }
  head_weight = next[0];
  head_bias = next[1];
}

}  // namespace charrnn
