#include "model/fused/packed_weights.h"

#include <algorithm>

namespace charrnn {
namespace {

/// Copies row[0 .. count) to a column of a matrix with rows of `stride` floats.
void copy_to_column(const float* row, int count, float* column, std::ptrdiff_t stride) {
  for (int k = 0; k < count; ++k) column[k * stride] = row[k];
}

}  // namespace

PackedWeights::PackedWeights(const Geometry& geometry, const Kernels& kernels, bool transposed)
    : geometry_(geometry),
      rounding_(kernels.rounding),
      terms_(kernels.terms),
      transposed_(transposed),
      cell_(describe(geometry.shape.cell)),
      tensors_(geometry.shape),
      layers_(geometry.shape.layers) {
  const std::size_t square = geometry.gates() * geometry.units() / terms_;
  const std::size_t head = geometry.symbols() * geometry.units() / terms_;
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
  scores_ = AlignedBuffer(head);
  if (transposed) scores_transposed_ = AlignedBuffer(head);
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

int PackedWeights::multiplicands() const { return (geometry_.shape.hidden + terms_ - 1) / terms_; }

/// `count` rows of H weights as the kernels multiply them along the rows: [row][multiplicands()],
/// the rows themselves or what `rounded` holds then.
const float* PackedWeights::multiplicands_of(const float* rows, int count,
                                             std::vector<float>& rounded) const {
  if (terms_ == 1 || count <= 0) return rows;  // a group may be padding only
  const std::ptrdiff_t hidden = geometry_.shape.hidden, size = multiplicands();
  rounded.resize(count * size);
  for (int i = 0; i < count; ++i) {
    rounding_.neighbours(rows + i * hidden, hidden, rounded.data() + i * size);
  }
  return rounded.data();
}

/// One row of H weights, paired with the next one if the kernels multiply pairs and there is one,
/// as a k of the panels that its columns belong to.
void PackedWeights::pack_row(const float* row, bool has_next, float* panels,
                             std::ptrdiff_t panel_size) const {
  const int hidden = geometry_.shape.hidden, columns = 2 * geometry_.width;
  for (int n = 0; n < hidden; n += columns, panels += panel_size) {
    const int count = std::min(columns, hidden - n);
    if (terms_ == 1) {
      std::copy_n(row + n, count, panels);
    } else {
      rounding_.two(row + n, has_next ? row + n + hidden : nullptr, count, panels);
    }
  }
}

void PackedWeights::pack_gate_panels(const float* w, Side side, int group, float* out) const {
  constexpr int kBlock = 16;  // one cache line of each row at a time
  const int width = geometry_.width, hidden = geometry_.shape.hidden, size = multiplicands();
  std::vector<float> rounded;
  const int first = group * width, count = std::min(width, hidden - first);
  for (int tile = 0; tile < geometry_.tiles; ++tile) {
    const int gate = cell_.tiles[tile].*side;
    if (gate == CellTile::kNone) continue;
    const std::ptrdiff_t column = geometry_.gate_column(first, tile);
    float* panel = out + column / (2 * width) * (geometry_.units() / terms_) * 2 * width +
                   column % (2 * width);
    const float* rows = multiplicands_of(
        w + (static_cast<std::ptrdiff_t>(gate) * hidden + first) * hidden, count, rounded);
    for (int k = 0; k < size; k += kBlock) {
      for (int unit = 0; unit < count; ++unit) {
        copy_to_column(rows + static_cast<std::ptrdiff_t>(unit) * size + k,
                       std::min(kBlock, size - k),
                       panel + static_cast<std::ptrdiff_t>(k) * 2 * width + unit, 2 * width);
      }
    }
  }
}

void PackedWeights::pack_gate_rows(const float* w, Side side, int group, float* out) const {
  const int width = geometry_.width, hidden = geometry_.shape.hidden;
  const std::ptrdiff_t panel_size = geometry_.gates() / terms_ * 2 * width;
  const int first = group * width, count = std::min(width, hidden - first);
  for (int tile = 0; tile < geometry_.tiles; ++tile) {
    const int gate = cell_.tiles[tile].*side;
    if (gate == CellTile::kNone) continue;
    for (int unit = 0; unit < count; unit += terms_) {
      pack_row(w + (static_cast<std::ptrdiff_t>(gate) * hidden + first + unit) * hidden,
               unit + 1 < count,
               out + (geometry_.gate_column(first, tile) + unit) / terms_ * 2 * width, panel_size);
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
  std::vector<float> rounded;
  for (int v = panel * columns; v < last; ++v) {
    const float* row = multiplicands_of(
        weights + tensors_.head_weight.offset + static_cast<std::ptrdiff_t>(v) * hidden, 1,
        rounded);
    copy_to_column(row, multiplicands(),
                   scores_.data() + panel * (geometry_.units() / terms_) * columns + v % columns,
                   columns);
    score_bias_.data()[v] = weights[tensors_.head_bias.offset + v];
  }
  if (transposed_) pack_scores_transposed(weights, panel);
}

void PackedWeights::pack_scores_transposed(const float* weights, int panel) {
  const std::ptrdiff_t columns = 2 * geometry_.width, hidden = geometry_.shape.hidden;
  const std::ptrdiff_t last =
      std::min<std::ptrdiff_t>((panel + 1) * columns, geometry_.shape.vocabulary);
  for (std::ptrdiff_t v = panel * columns; v < last; v += terms_) {
    pack_row(weights + tensors_.head_weight.offset + v * hidden, v + 1 < last,
             scores_transposed_.data() + v / terms_ * columns,
             geometry_.symbols() / terms_ * columns);
  }
}

}  // namespace charrnn
