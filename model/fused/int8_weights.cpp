#include "model/fused/int8_weights.h"

#include <algorithm>
#include <cmath>

#include "model/fused/kernels.h"

namespace charrnn {

Int8Weights::Int8Weights(const Geometry& geometry, const Weights& weights, int terms)
    : geometry_(geometry),
      terms_(terms),
      tensors_(geometry.shape),
      scores_(room_for(geometry.symbols(), 1)),
      input_rows_(geometry.shape.vocabulary * geometry.gates()) {
  const NetworkShape& shape = geometry.shape;
  for (int layer = 0; layer < shape.layers; ++layer) {
    layers_.push_back(room_for(geometry.gates(), layer == 0 ? 1 : 2));
    pack_layer(weights, layer);
  }
  std::fill_n(scores_.bias.data(), geometry.symbols(), -1e30F);
  for (int v = 0; v < shape.vocabulary; ++v) {
    const float* row = weights.data() + tensors_.head_weight.offset +
                       static_cast<std::ptrdiff_t>(v) * shape.hidden;
    pack_column({{row, nullptr}, 1}, v, scores_);
    scores_.bias.data()[v] = weights[tensors_.head_bias.offset + v];
  }
}

Int8Panels Int8Weights::room_for(std::ptrdiff_t columns, int parts) const {
  return {AlignedBuffer(columns * parts * geometry_.units() / sizeof(float)),
          std::vector<std::int32_t>(columns), AlignedBuffer(columns), AlignedBuffer(columns)};
}

void Int8Weights::pack_layer(const Weights& weights, int layer) {
  for (int tile = 0; tile < geometry_.tiles; ++tile) {
    for (int unit = 0; unit < geometry_.shape.hidden; ++unit) {
      pack_gate(weights, layer, tile, unit);
    }
  }
}

void Int8Weights::pack_gate(const Weights& weights, int layer, int tile, int unit) {
  const int hidden = geometry_.shape.hidden, symbols = geometry_.shape.vocabulary;
  const LayerTensors& tensors = tensors_.layers[layer];
  const auto [input_gate, recurrent_gate] = describe(geometry_.shape.cell).tiles[tile];
  const auto row_of = [&](const TensorSpec& tensor, int gate, int columns) {
    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(gate) * hidden + unit;
    return gate == CellTile::kNone ? nullptr : weights.data() + tensor.offset + row * columns;
  };
  const auto value = [](const float* at) { return at == nullptr ? 0.0F : *at; };
  const float bias = value(row_of(tensors.bias_ih, input_gate, 1)) +
                     value(row_of(tensors.bias_hh, recurrent_gate, 1));
  const float* input = row_of(tensors.weight_ih, input_gate, layer == 0 ? symbols : hidden);
  const float* recurrent = row_of(tensors.weight_hh, recurrent_gate, hidden);
  const std::ptrdiff_t column = geometry_.gate_column(unit, tile);
  if (layer > 0) {
    pack_column({{input, recurrent}, 2}, column, layers_[layer]);
    layers_[layer].bias.data()[column] = bias;
    return;
  }
  pack_column({{recurrent, nullptr}, 1}, column, layers_[0]);
  for (int v = 0; v < symbols; ++v) {
    input_rows_.data()[v * geometry_.gates() + column] =
        (input == nullptr ? 0.0F : input[v]) + bias;
  }
}

void Int8Weights::pack_column(const Column& column, std::ptrdiff_t index,
                              Int8Panels& panels) const {
  const int hidden = geometry_.shape.hidden, columns = 2 * geometry_.width;
  float largest = 0.0F, check = 0.0F;  // the latter NaN when a weight is not finite
  for (int part = 0; part < column.parts; ++part) {
    for (int k = 0; column.rows[part] != nullptr && k < hidden; ++k) {
      largest = std::max(largest, std::abs(column.rows[part][k]));
      check += column.rows[part][k] * 0.0F;
    }
  }
  const float step = largest / 127.0F + check;
  panels.scale.data()[index] = step / static_cast<float>(kInt8ActivationScale);
  if (!(step > 0.0F)) return;  // all weights are zero, or the scale is NaN and so is all it scales
  const std::ptrdiff_t size = column.parts * geometry_.units();
  std::int8_t* panel = panels.weights() + index / columns * size * columns;
  for (int part = 0; part < column.parts; ++part) {
    for (int i = 0; column.rows[part] != nullptr && i < hidden; ++i) {
      const std::ptrdiff_t k = part * geometry_.units() + i;
      const auto weight = static_cast<std::int8_t>(std::lround(column.rows[part][i] / step));
      panel[k / terms_ * terms_ * columns + index % columns * terms_ + k % terms_] = weight;
      if (terms_ == 4) panels.start[index] -= kUnsignedActivationZero * weight;
    }
  }
}

}  // namespace charrnn
