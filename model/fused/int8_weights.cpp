#include "model/fused/int8_weights.h"

#include <algorithm>
#include <cmath>

#include "model/fused/kernels.h"

namespace charrnn {

Int8Weights::Int8Weights(const Geometry& geometry, const Weights& weights, int terms)
    : geometry_(geometry),
      terms_(terms),
      layout_(parameter_layout(geometry.shape)),
      scores_(room_for(geometry.symbols(), 1)),
      input_rows_(geometry.shape.vocabulary * 4 * geometry.units()) {
  const NetworkShape& shape = geometry.shape;
  for (int layer = 0; layer < shape.layers; ++layer) {
    layers_.push_back(room_for(4 * geometry.units(), layer == 0 ? 1 : 2));
    pack_layer(weights, layer);
  }
  const std::size_t fc = 4 * static_cast<std::size_t>(shape.layers);
  std::fill_n(scores_.bias.data(), geometry.symbols(), -1e30F);
  for (int v = 0; v < shape.vocabulary; ++v) {
    const float* row =
        weights.data() + layout_[fc].offset + static_cast<std::ptrdiff_t>(v) * shape.hidden;
    pack_column({{row, nullptr}, 1}, v, scores_);
    scores_.bias.data()[v] = weights[layout_[fc + 1].offset + v];
  }
}

Int8Panels Int8Weights::room_for(std::ptrdiff_t columns, int parts) const {
  return {AlignedBuffer(columns * parts * geometry_.units() / sizeof(float)),
          std::vector<std::int32_t>(columns), AlignedBuffer(columns), AlignedBuffer(columns)};
}

void Int8Weights::pack_layer(const Weights& weights, int layer) {
  const int hidden = geometry_.shape.hidden, width = geometry_.width;
  const auto tensor = [&](int i) { return weights.data() + layout_[4 * layer + i].offset; };
  const int symbols = geometry_.shape.vocabulary;
  for (int gate = 0; gate < 4; ++gate) {
    for (int unit = 0; unit < hidden; ++unit) {
      const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(gate) * hidden + unit;
      // Two panels of 2 W columns hold the four gates of W units.
      const std::ptrdiff_t column = (unit / width * 4 + gate) * width + unit % width;
      const float bias = tensor(2)[row] + tensor(3)[row];
      const float* recurrent = tensor(1) + row * hidden;
      if (layer == 0) {
        pack_column({{recurrent, nullptr}, 1}, column, layers_[0]);
        for (int v = 0; v < symbols; ++v) {
          input_rows_.data()[v * 4 * geometry_.units() + column] =
              tensor(0)[row * symbols + v] + bias;
        }
      } else {
        pack_column({{tensor(0) + row * hidden, recurrent}, 2}, column, layers_[layer]);
        layers_[layer].bias.data()[column] = bias;
      }
    }
  }
}

void Int8Weights::pack_column(const Column& column, std::ptrdiff_t index,
                              Int8Panels& panels) const {
  const int hidden = geometry_.shape.hidden, columns = 2 * geometry_.width;
  float largest = 0.0F, check = 0.0F;  // the latter NaN when a weight is not finite
  for (int part = 0; part < column.parts; ++part) {
    for (int k = 0; k < hidden; ++k) {
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
    for (int i = 0; i < hidden; ++i) {
      const std::ptrdiff_t k = part * geometry_.units() + i;
      const auto weight = static_cast<std::int8_t>(std::lround(column.rows[part][i] / step));
      panel[k / terms_ * terms_ * columns + index % columns * terms_ + k % terms_] = weight;
      if (terms_ == 4) panels.start[index] -= kUnsignedActivationZero * weight;
    }
  }
}

}  // namespace charrnn
