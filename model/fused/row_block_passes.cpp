// The forward and backward pass of a RowBlock.
#include <algorithm>

#include "base/trace.h"
#include "model/fused/row_block.h"

namespace charrnn {

double RowBlock::forward(const PackedWeights& weights, float scale) {
  double loss = 0.0;
  for (int first = 0; first < steps_; first += steps_at_once()) {
    const int last = std::min(steps_, first + steps_at_once());
    for (int layer = 0; layer < geometry_.shape.layers; ++layer) {
      forward_layer(weights, layer, first, last);
    }
    loss += forward_scores(weights, first, last, scale);
  }
  return loss;
}

void RowBlock::start_rows(int layer, int step) {
  Layer& l = layers_[layer];
  const std::ptrdiff_t size = geometry_.unit_step(rows_);
  for (std::size_t state = 0; state < l.states.size(); ++state) {
    const float* from = l.states[state].data() + step * size;
    float* to = l.states_before[state].data() + step * size;
    for (std::ptrdiff_t i = 0; i < size; ++i) {
      const bool keep = keep_[step * rows_ + i / geometry_.width % rows_] != 0.0F;
      to[i] = keep ? from[i] : 0.0F;
    }
  }
  if (!reads_pairs()) return;
  kernels_.rounding.tiles(l.states_before.front().data() + step * size, rows_, geometry_.groups,
                          l.pairs_before.data() + step * size);
}

void RowBlock::forward_layer(const PackedWeights& weights, int layer, int first, int last) {
  Layer& l = layers_[layer];
  const PackedLayer& packed = weights.layer(layer);
  const CellKernels& cell = kernels_.cell(geometry_.shape.cell);
  const std::ptrdiff_t units = geometry_.unit_step(rows_);
  if (layer > 0) {
    const TraceSpan span("input products", layer);
    kernels_.product({.rows = rows_,
                      .steps = last - first,
                      .a = output(layer - 1, first),
                      .a_groups = geometry_.groups,
                      .a_step = units,
                      .b = packed.input.data(),
                      .panels = geometry_.gate_panels(geometry_.groups),
                      .bias = packed.bias.data(),
                      .c = l.gates.data() + first * geometry_.gate_step(rows_),
                      .c_tiles = geometry_.tiles,
                      .c_step = geometry_.gate_step(rows_)});
  }
  const TraceSpan span("recurrent forward", layer);
  for (int t = first; t < last; ++t) {
    const float* inputs[kMaxBlockRows];
    for (int row = 0; layer == 0 && row < rows_; ++row) {
      inputs[row] = packed.input_rows.data() + inputs_[t * rows_ + row] * geometry_.gates();
    }
    if (resets_) start_rows(layer, t);
    ForwardStep step{.rows = rows_,
                     .hidden = geometry_.shape.hidden,
                     .groups = geometry_.groups,
                     .last_group = geometry_.groups,
                     .weights = packed.recurrent.data(),
                     .inputs = layer == 0 ? inputs : nullptr,
                     .gates = l.gates.data() + t * geometry_.gate_step(rows_),
                     .masked = masked_ ? l.masked.data() + t * units : nullptr,
                     .mask = l.mask[t]};
    if (reads_pairs()) {
      step.pairs_before = hidden_before(layer, t);
      step.pairs_after = l.pairs.data() + (t + 1) * units;
    }
    for (int i = 0; i < cell.states; ++i) {
      step.before[i] = state_before(i, layer, t);
      step.after[i] = state_after(i, layer, t);
    }
    cell.forward(step);
  }
}

double RowBlock::forward_scores(const PackedWeights& weights, int first, int last, float scale) {
  const TraceSpan span("loss");
  const std::ptrdiff_t step = geometry_.score_step(rows_);
  float* scores = scores_.data() + first * step;
  kernels_.product({.rows = rows_,
                    .steps = last - first,
                    .a = output(geometry_.shape.layers - 1, first),
                    .a_groups = geometry_.groups,
                    .a_step = geometry_.unit_step(rows_),
                    .b = weights.scores().data(),
                    .panels = geometry_.symbol_groups / 2,
                    .bias = weights.score_bias().data(),
                    .c = scores,
                    .c_step = step});
  const double loss = kernels_.cross_entropy({.rows = rows_,
                                              .steps = last - first,
                                              .groups = geometry_.symbol_groups,
                                              .scores = scores,
                                              .step = step,
                                              .targets = targets_.data() + first * rows_,
                                              .scale = scale});
  if (!reads_pairs() || scale == 0.0F) return loss;
  for (int t = 0; t < last - first; ++t) {
    float* tiles = scores + t * step;
    kernels_.rounding.tiles(tiles, rows_, geometry_.symbol_groups, tiles);
  }
  return loss;
}

void RowBlock::backward(const PackedWeights& weights) {
  for (Layer& layer : layers_) {
    for (AlignedBuffer& direct : layer.direct) std::fill_n(direct.data(), direct.size(), 0.0F);
  }
  for (int last = steps_; last > 0; last -= std::min(last, steps_at_once())) {
    const int first = std::max(0, last - steps_at_once());
    for (int layer = geometry_.shape.layers - 1; layer >= 0; --layer) {
      d_output_from_above(weights, layer, first, last);
      backward_layer(weights, layer, first, last);
    }
  }
}

void RowBlock::d_output_from_above(const PackedWeights& weights, int layer, int first, int last) {
  const TraceSpan span("products from above", layer);
  const bool top = layer == geometry_.shape.layers - 1;
  const std::ptrdiff_t units = geometry_.unit_step(rows_);
  kernels_.product({.rows = rows_,
                    .steps = last - first,
                    .a = top ? scores(first) : gates(layer + 1, first),
                    .a_tiles = top ? 1 : geometry_.tiles,
                    .a_groups = top ? geometry_.symbol_groups : geometry_.groups,
                    .a_step = top ? geometry_.score_step(rows_) : geometry_.gate_step(rows_),
                    .b = top ? weights.scores_transposed().data()
                             : weights.layer(layer + 1).input_transposed.data(),
                    .panels = geometry_.groups / 2,
                    .c = d_output_.data(),
                    .c_step = units});
  for (int t = first; masked_ && t < last; ++t) {
    kernels_.apply_mask(layers_[layer].mask[t], rows_, geometry_.shape.hidden, geometry_.groups,
                        d_output_.data() + (t - first) * units);
  }
}

void RowBlock::backward_layer(const PackedWeights& weights, int layer, int first, int last) {
  const TraceSpan span("recurrent backward", layer);
  Layer& l = layers_[layer];
  const CellKernels& cell = kernels_.cell(geometry_.shape.cell);
  for (int t = last - 1; t >= first; --t) {
    const bool ends = t == steps_ - 1;
    BackwardStep step{.rows = rows_,
                      .groups = geometry_.groups,
                      .gates_after = ends ? nullptr : gates(layer, t + 1),
                      .weights = weights.layer(layer).recurrent_transposed.data(),
                      .keep_after = resets_ && !ends ? keep_.data() + (t + 1) * rows_ : nullptr,
                      .d_output = d_output_.data() + (t - first) * geometry_.unit_step(rows_),
                      .gates = l.gates.data() + t * geometry_.gate_step(rows_)};
    for (int i = 0; i < cell.states; ++i) {
      step.before[i] = state_before(i, layer, t);
      step.after[i] = state_after(i, layer, t);
      step.direct[i] = l.direct[i].data();
    }
    cell.backward(step);
  }
}

}  // namespace charrnn
