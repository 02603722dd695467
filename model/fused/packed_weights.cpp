#include "model/fused/packed_weights.h"

#include <algorithm>

namespace charrnn {
namespace {

/// Copies row[0 .. count) to a column of a matrix with rows of `stride` floats.
void copy_to_column(const float* row, int count, float* column, std::ptrdiff_t stride) {
  for (int k = 0; k < count; ++k) column[k * stride] = row[k];
}

}  // namespace

PackedWeights::PackedWeights(const Geometry& geometry, bool transposed)
    : geometry_(geometry),
      transposed_(transposed),
      layout_(parameter_layout(geometry.shape)),
      layers_(geometry.shape.layers) {
  const std::size_t square = 4 * geometry.units() * geometry.units();
  for (int i = 0; i < geometry.shape.layers; ++i) {
    PackedLayer& layer = layers_[i];
    layer.recurrent = AlignedBuffer(square);
    if (transposed) layer.recurrent_transposed = AlignedBuffer(square);
    if (i == 0) {
      layer.input_rows = AlignedBuffer(geometry.shape.vocabulary * 4 * geometry.units());
      continue;
    }
    layer.input = AlignedBuffer(square);
    if (transposed) layer.input_transposed = AlignedBuffer(square);
    layer.bias = AlignedBuffer(4 * geometry.units());
  }
  scores_ = AlignedBuffer(geometry.symbols() * geometry.units());
  if (transposed) scores_transposed_ = AlignedBuffer(geometry.symbols() * geometry.units());
  score_bias_ = AlignedBuffer(geometry.symbols());
  std::fill_n(score_bias_.data() + geometry.shape.vocabulary,
              geometry.symbols() - geometry.shape.vocabulary, -1e30F);
}

void PackedWeights::pack(const float* weights) {
  for (int layer = 0; layer < geometry_.shape.layers; ++layer) {
    for (int group = 0; group < geometry_.groups; ++group) pack_group(weights, layer, group);
  }
  for (int panel = 0; panel < geometry_.symbol_groups / 2; ++panel) pack_symbols(weights, panel);
}

void PackedWeights::pack_group(const float* weights, int layer, int group) {
  PackedLayer& packed = layers_[layer];
  const float* w_ih = weights + layout_[4 * layer].offset;
  const float* w_hh = weights + layout_[4 * layer + 1].offset;
  pack_gate_panels(w_hh, group, packed.recurrent.data());
  if (transposed_) pack_gate_rows(w_hh, group, packed.recurrent_transposed.data());
  if (layer == 0) {
    pack_input_rows(weights, group);
    return;
  }
  pack_gate_panels(w_ih, group, packed.input.data());
  if (transposed_) pack_gate_rows(w_ih, group, packed.input_transposed.data());
  pack_bias(weights, layer, group);
}

void PackedWeights::pack_gate_panels(const float* w, int group, float* out) const {
  constexpr int kBlock = 16;  // one cache line of each row at a time
  const int width = geometry_.width, hidden = geometry_.shape.hidden;
  const int first = group * width, count = std::min(width, hidden - first);
  for (int gate = 0; gate < 4; ++gate) {
    float* panel = out + (2 * group + gate / 2) * geometry_.units() * 2 * width;
    const float* rows = w + (static_cast<std::ptrdiff_t>(gate) * hidden + first) * hidden;
    for (int k = 0; k < hidden; k += kBlock) {
      for (int unit = 0; unit < count; ++unit) {
        copy_to_column(rows + static_cast<std::ptrdiff_t>(unit) * hidden + k,
                       std::min(kBlock, hidden - k),
                       panel + static_cast<std::ptrdiff_t>(k) * 2 * width + gate % 2 * width + unit,
                       2 * width);
      }
    }
  }
}

void PackedWeights::pack_gate_rows(const float* w, int group, float* out) const {
  const int width = geometry_.width, hidden = geometry_.shape.hidden;
  const std::ptrdiff_t panel_size = 4 * geometry_.units() * 2 * width;
  const int first = group * width, count = std::min(width, hidden - first);
  for (int gate = 0; gate < 4; ++gate) {
    for (int unit = 0; unit < count; ++unit) {
      const float* row = w + (static_cast<std::ptrdiff_t>(gate) * hidden + first + unit) * hidden;
      float* packed =
          out + ((static_cast<std::ptrdiff_t>(group) * 4 + gate) * width + unit) * 2 * width;
      for (int n = 0; n < hidden; n += 2 * width, packed += panel_size) {
        std::copy_n(row + n, std::min(2 * width, hidden - n), packed);
      }
    }
  }
}

void PackedWeights::pack_input_rows(const float* weights, int group) {
  const int width = geometry_.width, hidden = geometry_.shape.hidden;
  const int first = group * width, count = std::min(width, hidden - first);
  const int symbols = geometry_.shape.vocabulary;
  float* out = layers_[0].input_rows.data() + static_cast<std::ptrdiff_t>(group) * 4 * width;
  for (int gate = 0; gate < 4; ++gate) {
    for (int unit = 0; unit < count; ++unit) {
      const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(gate) * hidden + first + unit;
      const float* w = weights + layout_[0].offset + row * symbols;
      const float bias = weights[layout_[2].offset + row] + weights[layout_[3].offset + row];
      float* column = out + gate * width + unit;
      for (int v = 0; v < symbols; ++v) column[v * 4 * geometry_.units()] = w[v] + bias;
    }
  }
}

void PackedWeights::pack_bias(const float* weights, int layer, int group) {
  const int width = geometry_.width, hidden = geometry_.shape.hidden;
  const float* b_ih = weights + layout_[4 * layer + 2].offset;
  const float* b_hh = weights + layout_[4 * layer + 3].offset;
  float* out = layers_[layer].bias.data() + static_cast<std::ptrdiff_t>(group) * 4 * width;
  for (int gate = 0; gate < 4; ++gate) {
    for (int unit = 0; unit < std::min(width, hidden - group * width); ++unit) {
      const int row = gate * hidden + group * width + unit;
      out[gate * width + unit] = b_ih[row] + b_hh[row];
    }
  }
}

void PackedWeights::pack_symbols(const float* weights, int panel) {
  const int columns = 2 * geometry_.width, hidden = geometry_.shape.hidden;
  const std::size_t fc = 4 * static_cast<std::size_t>(geometry_.shape.layers);
  const int last = std::min((panel + 1) * columns, geometry_.shape.vocabulary);
  for (int v = panel * columns; v < last; ++v) {
    const float* row = weights + layout_[fc].offset + static_cast<std::ptrdiff_t>(v) * hidden;
    copy_to_column(row, hidden, scores_.data() + panel * geometry_.units() * columns + v % columns,
                   columns);
    score_bias_.data()[v] = weights[layout_[fc + 1].offset + v];
    if (!transposed_) continue;
    for (int n = 0; n < hidden; n += columns) {
      std::copy_n(row + n, std::min(columns, hidden - n),
                  scores_transposed_.data() + n * geometry_.symbols() +
                      static_cast<std::ptrdiff_t>(v) * columns);
    }
  }
}

}  // namespace charrnn
