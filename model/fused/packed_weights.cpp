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
      cell_(describe(geometry.shape.cell)),
      tensors_(geometry.shape),
      layers_(geometry.shape.layers) {
  const std::size_t square = geometry.gates() * geometry.units();
  for (int i = 0; i < geometry.shape.layers; ++i) {
    PackedLayer& layer = layers_[i];
    layer.recurrent = AlignedBuffer(square);
    if (transposed) layer.recurrent_transposed = AlignedBuffer(square);
    if (i == 0) {
      layer.input_rows = AlignedBuffer(geometry.shape.vocabulary * geometry.gates());
      continue;
    }
    layer.input = AlignedBuffer(square);
    if (transposed) layer.input_transposed = AlignedBuffer(square);
    layer.bias = AlignedBuffer(geometry.gates());
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
  const float* w_ih = weights + tensors_.layers[layer].weight_ih.offset;
  const float* w_hh = weights + tensors_.layers[layer].weight_hh.offset;
  constexpr Side kInput = &CellTile::input_gate, kRecurrent = &CellTile::recurrent_gate;
  pack_gate_panels(w_hh, kRecurrent, group, packed.recurrent.data());
  if (transposed_) pack_gate_rows(w_hh, kRecurrent, group, packed.recurrent_transposed.data());
  if (layer == 0) {
    pack_input_rows(weights, group);
    return;
  }
  pack_gate_panels(w_ih, kInput, group, packed.input.data());
  if (transposed_) pack_gate_rows(w_ih, kInput, group, packed.input_transposed.data());
  pack_bias(weights, layer, group);
}

void PackedWeights::pack_gate_panels(const float* w, Side side, int group, float* out) const {
  constexpr int kBlock = 16;  // one cache line of each row at a time
  const int width = geometry_.width, hidden = geometry_.shape.hidden;
  const int first = group * width, count = std::min(width, hidden - first);
  for (int tile = 0; tile < geometry_.tiles; ++tile) {
    const int gate = cell_.tiles[tile].*side;
    if (gate == CellTile::kNone) continue;
    const std::ptrdiff_t column = geometry_.gate_column(first, tile);
    float* panel =
        out + column / (2 * width) * geometry_.units() * 2 * width + column % (2 * width);
    const float* rows = w + (static_cast<std::ptrdiff_t>(gate) * hidden + first) * hidden;
    for (int k = 0; k < hidden; k += kBlock) {
      for (int unit = 0; unit < count; ++unit) {
        copy_to_column(rows + static_cast<std::ptrdiff_t>(unit) * hidden + k,
                       std::min(kBlock, hidden - k),
                       panel + static_cast<std::ptrdiff_t>(k) * 2 * width + unit, 2 * width);
      }
    }
  }
}

void PackedWeights::pack_gate_rows(const float* w, Side side, int group, float* out) const {
  const int width = geometry_.width, hidden = geometry_.shape.hidden;
  const std::ptrdiff_t panel_size = geometry_.gates() * 2 * width;
  const int first = group * width, count = std::min(width, hidden - first);
  for (int tile = 0; tile < geometry_.tiles; ++tile) {
    const int gate = cell_.tiles[tile].*side;
    if (gate == CellTile::kNone) continue;
    for (int unit = 0; unit < count; ++unit) {
      const float* row = w + (static_cast<std::ptrdiff_t>(gate) * hidden + first + unit) * hidden;
      float* packed = out + (geometry_.gate_column(first, tile) + unit) * 2 * width;
      for (int n = 0; n < hidden; n += 2 * width, packed += panel_size) {
        std::copy_n(row + n, std::min(2 * width, hidden - n), packed);
      }
    }
  }
}

float PackedWeights::bias_of(const float* weights, int layer, int tile, int unit) const {
  const LayerTensors& tensors = tensors_.layers[layer];
  const auto value = [&](const TensorSpec& bias, int gate) {
    return gate == CellTile::kNone ? 0.0F
                                   : weights[bias.offset + gate * geometry_.shape.hidden + unit];
  };
  return value(tensors.bias_ih, cell_.tiles[tile].input_gate) +
         value(tensors.bias_hh, cell_.tiles[tile].recurrent_gate);
}

void PackedWeights::pack_input_rows(const float* weights, int group) {
  const int width = geometry_.width, hidden = geometry_.shape.hidden;
  const int first = group * width, count = std::min(width, hidden - first);
  const int symbols = geometry_.shape.vocabulary;
  const float* w_ih = weights + tensors_.layers[0].weight_ih.offset;
  for (int tile = 0; tile < geometry_.tiles; ++tile) {
    const int gate = cell_.tiles[tile].input_gate;
    for (int unit = first; unit < first + count; ++unit) {
      const float bias = bias_of(weights, 0, tile, unit);
      float* column = layers_[0].input_rows.data() + geometry_.gate_column(unit, tile);
      const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(gate) * hidden + unit;
      for (int v = 0; v < symbols; ++v) {
        const float weight = gate == CellTile::kNone ? 0.0F : w_ih[row * symbols + v];
        column[v * geometry_.gates()] = weight + bias;
      }
    }
  }
}

void PackedWeights::pack_bias(const float* weights, int layer, int group) {
  const int first = group * geometry_.width;
  const int last = std::min(first + geometry_.width, geometry_.shape.hidden);
  for (int tile = 0; tile < geometry_.tiles; ++tile) {
    for (int unit = first; unit < last; ++unit) {
      layers_[layer].bias.data()[geometry_.gate_column(unit, tile)] =
          bias_of(weights, layer, tile, unit);
    }
  }
}

void PackedWeights::pack_symbols(const float* weights, int panel) {
  const int columns = 2 * geometry_.width, hidden = geometry_.shape.hidden;
  const int last = std::min((panel + 1) * columns, geometry_.shape.vocabulary);
  for (int v = panel * columns; v < last; ++v) {
    const float* row =
        weights + tensors_.head_weight.offset + static_cast<std::ptrdiff_t>(v) * hidden;
    copy_to_column(row, hidden, scores_.data() + panel * geometry_.units() * columns + v % columns,
                   columns);
    score_bias_.data()[v] = weights[tensors_.head_bias.offset + v];
    if (!transposed_) continue;
    for (int n = 0; n < hidden; n += columns) {
      std::copy_n(row + n, std::min(columns, hidden - n),
                  scores_transposed_.data() + n * geometry_.symbols() +
                      static_cast<std::ptrdiff_t>(v) * columns);
    }
  }
}

}  // namespace charrnn
