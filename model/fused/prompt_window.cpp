#include "model/fused/prompt_window.h"

#include <algorithm>

namespace charrnn {

PromptWindow::PromptWindow(const Geometry& geometry, const Kernels& kernels)
    : geometry_(geometry),
      kernels_(kernels),
      below_(geometry.unit_tiles(kMaxBlockRows)),
      tiles_(geometry.tiles * geometry.unit_tiles(kMaxBlockRows)),
      shares_(geometry.tiles * geometry.unit_tiles(kMaxBlockRows)),
      gates_(geometry.gates()) {
  for (int i = 0; i < kernels.cell(geometry.shape.cell).states; ++i) {
    states_.emplace_back((kMaxBlockRows + 1) * geometry.units());
  }
  if (kernels.terms > 1) pairs_ = AlignedBuffer((kMaxBlockRows + 1) * geometry.units());
}

void PromptWindow::read(const PackedWeights& weights, std::span<const Symbol> symbols,
                        RowState& state, Team& team, int parts) {
  steps_ = static_cast<int>(symbols.size());
  const int hidden = geometry_.shape.hidden;
  const auto in_parts = [&](const auto& job) {
    team.run(parts, [&](int part, int) {
      job(geometry_.part_begin(part, parts), geometry_.part_begin(part + 1, parts));
    });
  };
  for (int layer = 0; layer < geometry_.shape.layers; ++layer) {
    const PackedLayer& packed = weights.layer(layer);
    float* carried = state.data() + states_.size() * layer * hidden;
    if (layer == 0) {
      find_inputs(packed, symbols);
    } else {
      gather_below();
      in_parts([&](int first, int last) { run_inputs(packed, first, last); });
    }
    for (std::size_t i = 0; i < states_.size(); ++i) {
      std::copy_n(carried + i * hidden, hidden, states_[i].data());
    }
    if (kernels_.terms > 1) {
      kernels_.rounding.tiles(states_.front().data(), 1, geometry_.groups, pairs_.data());
    }
    for (int step = 0; step < steps_; ++step) {
      in_parts([&](int first, int last) { run_step(packed, step, first, last); });
    }
    for (std::size_t i = 0; i < states_.size(); ++i) {
      std::copy_n(states_[i].data() + steps_ * geometry_.units(), hidden, carried + i * hidden);
    }
  }
}

void PromptWindow::find_inputs(const PackedLayer& packed, std::span<const Symbol> symbols) {
  for (int step = 0; step < steps_; ++step) {
    inputs_[step] = packed.input_rows.data() + symbols[step] * geometry_.gates();
  }
}

void PromptWindow::gather_below() {
  const int width = geometry_.width;
  for (int step = 0; step < steps_; ++step) {
    const float* from = states_.front().data() + (step + 1) * geometry_.units();
    float* to = below_.data() + step * width;
    for (int group = 0; group < geometry_.groups; ++group) {
      std::copy_n(from + group * width, width, to + group * steps_ * width);
    }
    inputs_[step] = shares_.data() + step * geometry_.gates();
  }
  if (kernels_.terms > 1) {
    kernels_.rounding.tiles(below_.data(), steps_, geometry_.groups, below_.data());
  }
}

void PromptWindow::run_inputs(const PackedLayer& packed, int first, int last) {
  const std::ptrdiff_t gates = geometry_.group_gates();
  kernels_.product({.rows = steps_,
                    .a = below_.data(),
                    .a_groups = geometry_.groups,
                    .b = packed.input.data() + first * gates * geometry_.units() / kernels_.terms,
                    .panels = geometry_.gate_panels(last - first),
                    .bias = packed.bias.data() + first * gates,
                    .c = tiles_.data() + first * steps_ * gates,
                    .c_tiles = geometry_.tiles});
  for (int group = first; group < last; ++group) {
    for (int step = 0; step < steps_; ++step) {
      std::copy_n(tiles_.data() + (group * steps_ + step) * gates, gates,
                  shares_.data() + step * geometry_.gates() + group * gates);
    }
  }
}

void PromptWindow::run_step(const PackedLayer& packed, int step, int first, int last) {
  const std::ptrdiff_t units = geometry_.units();
  ForwardStep now{.rows = 1,
                  .hidden = geometry_.shape.hidden,
                  .groups = geometry_.groups,
                  .first_group = first,
                  .last_group = last,
                  .weights = packed.recurrent.data(),
                  .inputs = &inputs_[step],
                  .gates = gates_.data()};
  for (std::size_t i = 0; i < states_.size(); ++i) {
    now.before[i] = states_[i].data() + step * units;
    now.after[i] = states_[i].data() + (step + 1) * units;
  }
  if (kernels_.terms > 1) {
    now.pairs_before = pairs_.data() + step * units;
    now.pairs_after = pairs_.data() + (step + 1) * units;
  }
  kernels_.cell(geometry_.shape.cell).forward(now);
}

}  // namespace charrnn
