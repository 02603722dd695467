#include "model/fused/prompt_window.h"

#include <algorithm>

namespace charrnn {

PromptWindow::PromptWindow(const Geometry& geometry, const Kernels& kernels)
    : geometry_(geometry),
      kernels_(kernels),
      hidden_((kMaxBlockRows + 1) * geometry.units()),
      cell_((kMaxBlockRows + 1) * geometry.units()),
      below_(geometry.unit_tiles(kMaxBlockRows)),
      tiles_(4 * geometry.unit_tiles(kMaxBlockRows)),
      shares_(4 * geometry.unit_tiles(kMaxBlockRows)),
      gates_(4 * geometry.units()) {}

void PromptWindow::read(const PackedWeights& weights, std::span<const Symbol> symbols,
                        RowState& state, Team& team, int parts) {
  steps_ = static_cast<int>(symbols.size());
  const int hidden = geometry_.shape.hidden;
  const auto in_parts = [&](const auto& job) {
    team.run(parts, [&](int part, int) {
      job(geometry_.groups * part / parts, geometry_.groups * (part + 1) / parts);
    });
  };
  for (int layer = 0; layer < geometry_.shape.layers; ++layer) {
    const PackedLayer& packed = weights.layer(layer);
    float* carried = state.data() + static_cast<std::ptrdiff_t>(2 * layer) * hidden;
    if (layer == 0) {
      find_inputs(packed, symbols);
    } else {
      gather_below();
      in_parts([&](int first, int last) { run_inputs(packed, first, last); });
    }
    std::copy_n(carried, hidden, hidden_.data());
    std::copy_n(carried + hidden, hidden, cell_.data());
    for (int step = 0; step < steps_; ++step) {
      in_parts([&](int first, int last) { run_step(packed, step, first, last); });
    }
    std::copy_n(hidden_.data() + steps_ * geometry_.units(), hidden, carried);
    std::copy_n(cell_.data() + steps_ * geometry_.units(), hidden, carried + hidden);
  }
}

void PromptWindow::find_inputs(const PackedLayer& packed, std::span<const Symbol> symbols) {
  for (int step = 0; step < steps_; ++step) {
    inputs_[step] = packed.input_rows.data() + symbols[step] * 4 * geometry_.units();
  }
}

void PromptWindow::gather_below() {
  const int width = geometry_.width;
  for (int step = 0; step < steps_; ++step) {
    const float* from = hidden_.data() + (step + 1) * geometry_.units();
    float* to = below_.data() + step * width;
    for (int group = 0; group < geometry_.groups; ++group) {
      std::copy_n(from + group * width, width, to + group * steps_ * width);
    }
    inputs_[step] = shares_.data() + step * 4 * geometry_.units();
  }
}

void PromptWindow::run_inputs(const PackedLayer& packed, int first, int last) {
  const std::ptrdiff_t gates = static_cast<std::ptrdiff_t>(4) * geometry_.width;
  kernels_.product({.rows = steps_,
                    .a = below_.data(),
                    .a_groups = geometry_.groups,
                    .b = packed.input.data() + first * gates * geometry_.units(),
                    .panels = 2 * (last - first),
                    .bias = packed.bias.data() + first * gates,
                    .c = tiles_.data() + first * steps_ * gates,
                    .c_gates = true});
  for (int group = first; group < last; ++group) {
    for (int step = 0; step < steps_; ++step) {
      std::copy_n(tiles_.data() + (group * steps_ + step) * gates, gates,
                  shares_.data() + step * 4 * geometry_.units() + group * gates);
    }
  }
}

void PromptWindow::run_step(const PackedLayer& packed, int step, int first, int last) {
  const std::ptrdiff_t units = geometry_.units();
  kernels_.forward({.rows = 1,
                    .hidden = geometry_.shape.hidden,
                    .groups = geometry_.groups,
                    .first_group = first,
                    .last_group = last,
                    .hidden_before = hidden_.data() + step * units,
                    .cell_before = cell_.data() + step * units,
                    .weights = packed.recurrent.data(),
                    .inputs = &inputs_[step],
                    .gates = gates_.data(),
                    .cell = cell_.data() + (step + 1) * units,
                    .output = hidden_.data() + (step + 1) * units});
}

}  // namespace charrnn
