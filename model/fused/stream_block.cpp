#include "model/fused/stream_block.h"

#include <algorithm>

namespace charrnn {
namespace {

/// Copies one row's `count` units from plain order into unit tiles and back.
void to_tiles(const float* units, int count, int width, int rows, float* tiles) {
  for (int unit = 0; unit < count; unit += width, tiles += rows * width) {
    const int used = std::min(width, count - unit);
    std::copy_n(units + unit, used, tiles);
    std::fill_n(tiles + used, width - used, 0.0F);
  }
}

void from_tiles(const float* tiles, int count, int width, int rows, float* units) {
  for (int unit = 0; unit < count; unit += width, tiles += rows * width) {
    std::copy_n(tiles, std::min(width, count - unit), units + unit);
  }
}

}  // namespace

StreamBlock::StreamBlock(const Geometry& geometry, const Kernels& kernels)
    : geometry_(geometry),
      kernels_(kernels),
      layers_(geometry.shape.layers),
      gates_(geometry.gate_step(kMaxBlockRows)),
      scores_(geometry.score_step(kMaxBlockRows)) {
  const std::size_t units = geometry.unit_step(kMaxBlockRows);
  for (Layer& layer : layers_) {
    layer = {AlignedBuffer(units), AlignedBuffer(units), AlignedBuffer(units),
             AlignedBuffer(units)};
  }
}

void StreamBlock::load(std::span<RowState* const> states, std::span<const Symbol> symbols) {
  rows_ = static_cast<int>(states.size());
  std::copy(symbols.begin(), symbols.end(), symbols_);
  const int hidden = geometry_.shape.hidden, width = geometry_.width;
  const int used_groups = (hidden + width - 1) / width;
  const std::ptrdiff_t used = static_cast<std::ptrdiff_t>(used_groups) * rows_ * width;
  const std::ptrdiff_t padding = geometry_.unit_step(rows_) - used;
  for (int i = 0; i < geometry_.shape.layers; ++i) {
    Layer& layer = layers_[i];
    for (int row = 0; row < rows_; ++row) {
      const float* state = states[row]->data() + static_cast<std::ptrdiff_t>(2 * i) * hidden;
      to_tiles(state, hidden, width, rows_, layer.hidden_before.data() + row * width);
      to_tiles(state + hidden, hidden, width, rows_, layer.cell_before.data() + row * width);
    }
    std::fill_n(layer.hidden_before.data() + used, padding, 0.0F);
    std::fill_n(layer.cell_before.data() + used, padding, 0.0F);
  }
}

void StreamBlock::run_layer(const PackedWeights& weights, int layer, int first, int last) {
  const PackedLayer& packed = weights.layer(layer);
  Layer& l = layers_[layer];
  const std::ptrdiff_t group_gates = static_cast<std::ptrdiff_t>(4) * geometry_.width;
  const float* inputs[kMaxBlockRows];
  for (int row = 0; layer == 0 && row < rows_; ++row) {
    inputs[row] = packed.input_rows.data() + symbols_[row] * 4 * geometry_.units();
  }
  if (layer > 0) {
    kernels_.product({.rows = rows_,
                      .a = layers_[layer - 1].hidden.data(),
                      .a_groups = geometry_.groups,
                      .b = packed.input.data() + first * group_gates * geometry_.units(),
                      .panels = 2 * (last - first),
                      .bias = packed.bias.data() + first * group_gates,
                      .c = gates_.data() + first * rows_ * group_gates,
                      .c_gates = true});
  }
  kernels_.forward({.rows = rows_,
                    .hidden = geometry_.shape.hidden,
                    .groups = geometry_.groups,
                    .first_group = first,
                    .last_group = last,
                    .hidden_before = l.hidden_before.data(),
                    .cell_before = l.cell_before.data(),
                    .weights = packed.recurrent.data(),
                    .inputs = layer == 0 ? inputs : nullptr,
                    .gates = gates_.data(),
                    .cell = l.cell.data(),
                    .output = l.hidden.data()});
}

void StreamBlock::run_scores(const PackedWeights& weights, int first, int last) {
  const std::ptrdiff_t columns = static_cast<std::ptrdiff_t>(2) * geometry_.width;
  kernels_.product({.rows = rows_,
                    .a = layers_.back().hidden.data(),
                    .a_groups = geometry_.groups,
                    .b = weights.scores().data() + first * columns * geometry_.units(),
                    .panels = last - first,
                    .bias = weights.score_bias().data() + first * columns,
                    .c = scores_.data() + first * columns * rows_});
}

void StreamBlock::save(std::span<RowState* const> states, std::span<float> scores) const {
  const int hidden = geometry_.shape.hidden, width = geometry_.width;
  const int symbols = geometry_.shape.vocabulary;
  for (int row = 0; row < rows_; ++row) {
    for (int i = 0; i < geometry_.shape.layers; ++i) {
      float* state = states[row]->data() + static_cast<std::ptrdiff_t>(2 * i) * hidden;
      from_tiles(layers_[i].hidden.data() + row * width, hidden, width, rows_, state);
      from_tiles(layers_[i].cell.data() + row * width, hidden, width, rows_, state + hidden);
    }
    from_tiles(scores_.data() + row * width, symbols, width, rows_,
               scores.data() + static_cast<std::ptrdiff_t>(row) * symbols);
  }
}

}  // namespace charrnn
