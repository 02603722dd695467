// One time step of one LSTM layer, forward and backward. For kernels_*.cpp only.
#pragma once

#include "model/fused/mask_vectors.h"
#include "model/fused/tile_product.h"

namespace charrnn::CHARRNN_ISA {

/// One row's group of units: the gates from what was summed, then cell and hidden state.
CHARRNN_INLINE void update_cell(const ForwardStep& s, int group, int row, const float* sums) {
  const std::ptrdiff_t unit = (static_cast<std::ptrdiff_t>(group) * s.rows + row) * kWidth;
  float* gates = s.gates + 4 * unit;
  const float* input = s.inputs == nullptr ? gates : s.inputs[row] + 4 * kWidth * group;
  const Floats i = sigmoid(load(sums) + load(input));
  const Floats f = sigmoid(load(sums + kWidth) + load(input + kWidth));
  const Floats g = hyperbolic_tangent(load(sums + 2 * kWidth) + load(input + 2 * kWidth));
  const Floats o = sigmoid(load(sums + 3 * kWidth) + load(input + 3 * kWidth));
  const Floats c = f * load(s.cell_before + unit) + i * g;
  const Floats h = o * hyperbolic_tangent(c);
  store(gates, i);
  store(gates + kWidth, f);
  store(gates + 2 * kWidth, g);
  store(gates + 3 * kWidth, o);
  store(s.cell + unit, c);
  store(s.output + unit, h);
  if (s.masked != nullptr) {
    store(s.masked + unit, h * mask_vector(s.mask, row * s.hidden + group * kWidth));
  }
}

/// What update_cell() needs of a group. The rows of the input's matrix are few, so they are not
/// far.
CHARRNN_INLINE Fetcher fetch_forward(const ForwardStep& s, int group) {
  const std::ptrdiff_t tile = static_cast<std::ptrdiff_t>(s.rows) * kWidth;
  for (int row = 0; s.inputs != nullptr && row < s.rows; ++row) {
    fetch(s.inputs[row] + 4 * kWidth * group, 4 * kWidth);
  }
  Fetcher fetcher;
  fetcher.add(s.gates + group * 4 * tile, 4 * tile);
  fetcher.add(s.cell + group * tile, tile);
  fetcher.add(s.output + group * tile, tile);
  if (s.masked != nullptr) fetcher.add(s.masked + group * tile, tile);
  fetcher.spread(static_cast<std::ptrdiff_t>(2) * passes_of(s.rows) * s.groups);
  return fetcher;
}

static void forward(const ForwardStep& s) {
  alignas(64) float sums[kMaxBlockRows * 4 * kWidth];
  const std::ptrdiff_t panel_size = static_cast<std::ptrdiff_t>(s.groups) * kWidth * 2 * kWidth;
  for (int group = s.first_group; group < s.last_group; ++group) {
    Fetcher fetcher = fetch_forward(s, group);
    for (int half = 0; half < 2; ++half) {
      multiply_rows<kWidth>(s.rows, {.a = s.hidden_before,
                                     .a_group = static_cast<std::ptrdiff_t>(s.rows) * kWidth,
                                     .groups = s.groups,
                                     .panel = s.weights + (2 * group + half) * panel_size,
                                     .start = kZeros,
                                     .c = sums + 2 * half * kWidth,
                                     .c_row = 4 * kWidth,
                                     .c_vector = kWidth,
                                     .fetcher = &fetcher});
    }
    for (int row = 0; row < s.rows; ++row) update_cell(s, group, row, sums + row * 4 * kWidth);
  }
}

static void cells(const ForwardStep& s) {
  alignas(64) constexpr float kNothing[4 * kWidth] = {};
  for (int group = s.first_group; group < s.last_group; ++group) {
    for (int row = 0; row < s.rows; ++row) {
      const float* sums =
          s.gates + (static_cast<std::ptrdiff_t>(group) * s.rows + row) * 4 * kWidth;
      update_cell(s, group, row, s.inputs == nullptr ? kNothing : sums);
    }
  }
}

/// One row's group of units: the gradients of its gates from those of its hidden and cell state.
CHARRNN_INLINE void differentiate_cell(const BackwardStep& s, int group, int row, Floats dh) {
  const std::ptrdiff_t unit = (static_cast<std::ptrdiff_t>(group) * s.rows + row) * kWidth;
  float* gates = s.gates + 4 * unit;
  const Floats i = load(gates), f = load(gates + kWidth);
  const Floats g = load(gates + 2 * kWidth), o = load(gates + 3 * kWidth);
  const Floats squashed = hyperbolic_tangent(load(s.cell + unit));
  Floats dc = load(s.d_cell + unit);
  if (s.keep_after != nullptr) dc *= s.keep_after[row];
  dc += dh * o * (1.0F - squashed * squashed);
  store(gates, dc * g * i * (1.0F - i));
  store(gates + kWidth, dc * load(s.cell_before + unit) * f * (1.0F - f));
  store(gates + 2 * kWidth, dc * i * (1.0F - g * g));
  store(gates + 3 * kWidth, dh * squashed * o * (1.0F - o));
  store(s.d_cell + unit, dc * f);
}

/// What differentiate_cell() needs of a panel's two groups.
CHARRNN_INLINE Fetcher fetch_backward(const BackwardStep& s, int panel) {
  const std::ptrdiff_t tile = static_cast<std::ptrdiff_t>(s.rows) * 2 * kWidth;
  Fetcher fetcher;
  fetcher.add(s.gates + panel * 4 * tile, 4 * tile);
  fetcher.add(s.cell + panel * tile, tile);
  fetcher.add(s.cell_before + panel * tile, tile);
  fetcher.add(s.d_output + panel * tile, tile);
  fetcher.spread(static_cast<std::ptrdiff_t>(passes_of(s.rows)) * s.groups);
  return fetcher;
}

static void backward(const BackwardStep& s) {
  alignas(64) float sums[kMaxBlockRows * 2 * kWidth] = {};
  const std::ptrdiff_t panel_size = static_cast<std::ptrdiff_t>(s.groups) * 4 * kWidth * 2 * kWidth;
  for (int panel = 0; panel < s.groups / 2; ++panel) {
    Fetcher fetcher = fetch_backward(s, panel);
    if (s.gates_after != nullptr) {
      multiply_rows<4 * kWidth>(s.rows,
                                {.a = s.gates_after,
                                 .a_group = static_cast<std::ptrdiff_t>(s.rows) * 4 * kWidth,
                                 .groups = s.groups,
                                 .panel = s.weights + panel * panel_size,
                                 .start = kZeros,
                                 .c = sums,
                                 .c_row = 2 * kWidth,
                                 .c_vector = kWidth,
                                 .fetcher = &fetcher});
    }
    for (int half = 0; half < 2; ++half) {
      const int group = 2 * panel + half;
      for (int row = 0; row < s.rows; ++row) {
        Floats dh = load(sums + (2 * row + half) * kWidth);
        if (s.keep_after != nullptr) dh *= s.keep_after[row];
        dh += load(s.d_output + (static_cast<std::ptrdiff_t>(group) * s.rows + row) * kWidth);
        differentiate_cell(s, group, row, dh);
      }
    }
  }
}

}  // namespace charrnn::CHARRNN_ISA
