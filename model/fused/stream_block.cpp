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
      gates_(geometry.tiles * geometry.unit_tiles(kMaxBlockRows)),
      scores_(geometry.score_step(kMaxBlockRows)) {
  const std::size_t units = geometry.unit_tiles(kMaxBlockRows);
  for (Layer& layer : layers_) {
    for (int i = 0; i < cell().states; ++i) {
      layer.push_back({AlignedBuffer(units), AlignedBuffer(units)});
    }
    if (reads_pairs()) pairs_.push_back({AlignedBuffer(units), AlignedBuffer(units)});
  }
}

void StreamBlock::load(std::span<RowState* const> states, std::span<const Symbol> symbols) {
  rows_ = static_cast<int>(states.size());
  std::copy(symbols.begin(), symbols.end(), symbols_);
  const int hidden = geometry_.shape.hidden, width = geometry_.width;
  const int used_groups = (hidden + width - 1) / width;
  const std::ptrdiff_t used = static_cast<std::ptrdiff_t>(used_groups) * rows_ * width;
  const std::ptrdiff_t padding = geometry_.unit_tiles(rows_) - used;
  std::ptrdiff_t offset = 0;
  for (Layer& layer : layers_) {
    for (State& state : layer) {
      float* tiles = state.before.data();
      for (int row = 0; row < rows_; ++row) {
        to_tiles(states[row]->data() + offset, hidden, width, rows_, tiles + row * width);
      }
      std::fill_n(tiles + used, padding, 0.0F);
      offset += hidden;
    }
  }
}

const float* StreamBlock::multiplied_before(int layer) const {
  return reads_pairs() ? pairs_[layer].before.data() : hidden_before(layer).data();
}

const float* StreamBlock::multiplied(int layer) const {
  return reads_pairs() ? pairs_[layer].after.data() : hidden(layer).data();
}

void StreamBlock::find_inputs(const AlignedBuffer& rows) {
  for (int row = 0; row < rows_; ++row) {
    inputs_[row] = rows.data() + symbols_[row] * geometry_.gates();
  }
}

ForwardStep StreamBlock::step_of(int layer, int first, int last) {
  ForwardStep step{.rows = rows_,
                   .hidden = geometry_.shape.hidden,
                   .groups = geometry_.groups,
                   .first_group = first,
                   .last_group = last,
                   .inputs = layer == 0 ? inputs_ : nullptr,
                   .gates = gates_.data()};
  for (int i = 0; i < cell().states; ++i) {
    step.before[i] = layers_[layer][i].before.data();
    step.after[i] = layers_[layer][i].after.data();
  }
  return step;
}

void StreamBlock::run_layer(const PackedWeights& weights, int layer, int first, int last) {
  const PackedLayer& packed = weights.layer(layer);
  const std::ptrdiff_t group_gates = geometry_.group_gates();
  if (layer > 0) {
    kernels_.product(
        {.rows = rows_,
         .a = multiplied(layer - 1),
         .a_groups = geometry_.groups,
         .b = packed.input.data() + first * group_gates * geometry_.units() / kernels_.terms,
         .panels = geometry_.gate_panels(last - first),
         .bias = packed.bias.data() + first * group_gates,
         .c = gates_.data() + first * rows_ * group_gates,
         .c_tiles = geometry_.tiles});
  }
  ForwardStep step = step_of(layer, first, last);
  step.weights = packed.recurrent.data();
  if (reads_pairs()) {
    step.pairs_before = multiplied_before(layer);
    step.pairs_after = pairs_[layer].after.data();
  }
  cell().forward(step);
}

void StreamBlock::run_layer(const Int8Weights& weights, int layer, int first, int last) {
  const Int8Panels& panels = weights.layer(layer);
  const std::ptrdiff_t group_gates = geometry_.group_gates();
  const int parts = layer == 0 ? 1 : 2;
  float checks[kMaxBlockRows] = {};
  kernels_.check_rows(hidden_before(layer).data(), rows_, geometry_.groups, checks);
  if (layer > 0) {
    kernels_.check_rows(hidden(layer - 1).data(), rows_, geometry_.groups, checks);
  }
  kernels_.int8_product({.rows = rows_,
                         .a = rounded_[layer].data(),
                         .a_groups = parts * geometry_.groups,
                         .b = panels.weights() + first * group_gates * parts * geometry_.units(),
                         .panels = geometry_.gate_panels(last - first),
                         .start = panels.start.data() + first * group_gates,
                         .scale = panels.scale.data() + first * group_gates,
                         .bias = panels.bias.data() + first * group_gates,
                         .checks = checks,
                         .c = gates_.data() + first * rows_ * group_gates,
                         .c_tiles = geometry_.tiles});
  cell().update_cells(step_of(layer, first, last));
  const std::ptrdiff_t begin = static_cast<std::ptrdiff_t>(first) * rows_ * geometry_.width;
  const std::ptrdiff_t end = static_cast<std::ptrdiff_t>(last) * rows_ * geometry_.width;
  kernels_.round_activations(hidden(layer).data() + begin, end - begin,
                             rounded_[layer + 1].data() + rounded_size(begin));
}

void StreamBlock::run_scores(const PackedWeights& weights) {
  kernels_.product({.rows = rows_,
                    .a = multiplied(static_cast<int>(layers_.size()) - 1),
                    .a_groups = geometry_.groups,
                    .b = weights.scores().data(),
                    .panels = geometry_.symbol_groups / 2,
                    .bias = weights.score_bias().data(),
                    .c = scores_.data()});
}

void StreamBlock::run_scores(const Int8Weights& weights) {
  const Int8Panels& panels = weights.scores();
  float checks[kMaxBlockRows] = {};
  kernels_.check_rows(layers_.back().front().after.data(), rows_, geometry_.groups, checks);
  kernels_.int8_product({.rows = rows_,
                         .a = rounded_.back().data(),
                         .a_groups = geometry_.groups,
                         .b = panels.weights(),
                         .panels = geometry_.symbol_groups / 2,
                         .start = panels.start.data(),
                         .scale = panels.scale.data(),
                         .bias = panels.bias.data(),
                         .checks = checks,
                         .c = scores_.data()});
}

void StreamBlock::prepare(const PackedWeights& weights) {
  find_inputs(weights.layer(0).input_rows);
  if (!reads_pairs()) return;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    kernels_.rounding.tiles(layers_[i].front().before.data(), rows_, geometry_.groups,
                            pairs_[i].before.data());
  }
}

std::ptrdiff_t StreamBlock::rounded_size(std::ptrdiff_t units) const {
  return units * 4 / kernels_.int8_terms;
}

void StreamBlock::prepare(const Int8Weights& weights) {
  find_inputs(weights.input_rows());
  rounded_.resize(layers_.size() + 1);
  const std::ptrdiff_t units = geometry_.unit_tiles(rows_);
  for (auto& values : rounded_)
    values.resize(2 * rounded_size(geometry_.unit_tiles(kMaxBlockRows)));
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    std::byte* hidden = rounded_[i].data() + (i == 0 ? 0 : rounded_size(units));
    kernels_.round_activations(layers_[i].front().before.data(), units, hidden);
  }
}

void StreamBlock::save_states(std::span<RowState* const> states) const {
  const int hidden = geometry_.shape.hidden, width = geometry_.width;
  std::ptrdiff_t offset = 0;
  for (const Layer& layer : layers_) {
    for (const State& state : layer) {
      for (int row = 0; row < rows_; ++row) {
        from_tiles(state.after.data() + row * width, hidden, width, rows_,
                   states[row]->data() + offset);
      }
      offset += hidden;
    }
  }
}

void StreamBlock::save_scores(std::span<float> scores) const {
  const int symbols = geometry_.shape.vocabulary, width = geometry_.width;
  for (int row = 0; row < rows_; ++row) {
    from_tiles(scores_.data() + row * width, symbols, width, rows_,
               scores.data() + static_cast<std::ptrdiff_t>(row) * symbols);
  }
}

}  // namespace charrnn
