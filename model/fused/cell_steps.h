// One time step of one layer, forward and backward, whatever its cell. For kernels_*.cpp only.
//
// A cell is a struct of constants and two functions on one vector of units:
//   kTiles, kStates    as model/cell.h describes the cell
//   kDirect[state]     true when the next time step reads the state beside the recurrent product,
//                      so that its gradient comes back on that way too
//   forward(gates, before, after)            the sums become gates, the states before those after
//   backward(gates, before, after, dh, direct)  the gates become the gradients of their sums; `dh`
//                      is that of the output from above and through the next step's products,
//                      `direct` that which came directly, and then that which goes on so
#pragma once

#include "model/fused/mask_vectors.h"
#include "model/fused/tile_product.h"

namespace charrnn::CHARRNN_ISA {

/// Groups of units whose gate tiles fill whole panels.
template <class Cell>
constexpr int kGroupsAtOnce = Cell::kTiles % 2 == 0 ? 1 : 2;

/// Floats of one row's gates of one group.
template <class Cell>
constexpr std::ptrdiff_t kGateFloats = std::ptrdiff_t{Cell::kTiles} * kWidth;

/// One row's group of units: the gates from what was summed, then the states.
template <class Cell>
CHARRNN_INLINE void update_cell(const ForwardStep& s, int group, int row, const float* sums) {
  const std::ptrdiff_t unit = (static_cast<std::ptrdiff_t>(group) * s.rows + row) * kWidth;
  float* tiles = s.gates + Cell::kTiles * unit;
  const float* input = s.inputs == nullptr ? tiles : s.inputs[row] + kGateFloats<Cell> * group;
  Floats gates[Cell::kTiles], before[Cell::kStates], after[Cell::kStates];
#pragma GCC unroll 4
  for (int i = 0; i < Cell::kTiles; ++i)
    gates[i] = load(sums + i * kWidth) + load(input + i * kWidth);
#pragma GCC unroll 4
  for (int i = 0; i < Cell::kStates; ++i) before[i] = load(s.before[i] + unit);
  Cell::forward(gates, before, after);
#pragma GCC unroll 4
  for (int i = 0; i < Cell::kTiles; ++i) store(tiles + i * kWidth, gates[i]);
#pragma GCC unroll 4
  for (int i = 0; i < Cell::kStates; ++i) store(s.after[i] + unit, after[i]);
  if (s.masked != nullptr) {
    store(s.masked + unit, after[0] * mask_vector(s.mask, row * s.hidden + group * kWidth));
  }
}

/// What update_cell() needs of some groups. The rows of the input's matrix are few, so they are not
/// far.
template <class Cell>
CHARRNN_INLINE Fetcher fetch_forward(const ForwardStep& s, int group) {
  constexpr int kGroups = kGroupsAtOnce<Cell>;
  const std::ptrdiff_t tile = static_cast<std::ptrdiff_t>(s.rows) * kWidth;
  for (int row = 0; s.inputs != nullptr && row < s.rows; ++row) {
    fetch(s.inputs[row] + kGateFloats<Cell> * group, kGroups * kGateFloats<Cell>);
  }
  Fetcher fetcher;
  fetcher.add(s.gates + group * Cell::kTiles * tile, kGroups * Cell::kTiles * tile);
  for (int i = Cell::kStates - 1; i >= 0; --i)
    fetcher.add(s.after[i] + group * tile, kGroups * tile);
  if (s.masked != nullptr) fetcher.add(s.masked + group * tile, kGroups * tile);
  if (kTerms > 1) fetcher.add(s.pairs_after + group * tile, kGroups * tile);
  fetcher.spread(static_cast<std::ptrdiff_t>(kGroups * Cell::kTiles / 2) * passes_of(s.rows) *
                 s.groups);
  return fetcher;
}

/// Makes pairs of a group's new hidden states and of its masked ones, where products read pairs.
CHARRNN_INLINE void round_outputs(const ForwardStep& s, std::ptrdiff_t place) {
  if (kTerms == 1) return;
  round_group<kWidth>(s.after[0] + place, s.rows, s.pairs_after + place);
  if (s.masked != nullptr) round_group<kWidth>(s.masked + place, s.rows, s.masked + place);
}

template <class Cell>
static void forward(const ForwardStep& s) {
  constexpr int kGroups = kGroupsAtOnce<Cell>;
  constexpr std::ptrdiff_t kRow = kGroups * kGateFloats<Cell>;
  alignas(64) float sums[kMaxBlockRows * kRow];
  const std::ptrdiff_t tile = static_cast<std::ptrdiff_t>(s.rows) * kWidth;
  const std::ptrdiff_t panel_size =
      static_cast<std::ptrdiff_t>(s.groups) * kWidth / kTerms * 2 * kWidth;
  const float* hidden = kTerms == 1 ? s.before[0] : s.pairs_before + neighbours_at<kWidth>(s.rows);
  for (int group = s.first_group; group < s.last_group; group += kGroups) {
    Fetcher fetcher = fetch_forward<Cell>(s, group);
    for (int panel = 0; panel < kGroups * Cell::kTiles / 2; ++panel) {
      multiply_rows<kWidth / kTerms>(
          s.rows, {.a = hidden,
                   .a_group = tile,
                   .groups = s.groups,
                   .panel = s.weights + (group * Cell::kTiles / 2 + panel) * panel_size,
                   .start = kZeros,
                   .c = sums + 2 * panel * kWidth,
                   .c_row = kRow,
                   .c_vector = kWidth,
                   .fetcher = &fetcher});
    }
    for (int i = 0; i < kGroups; ++i) {
      for (int row = 0; row < s.rows; ++row) {
        update_cell<Cell>(s, group + i, row, sums + row * kRow + i * kGateFloats<Cell>);
      }
      round_outputs(s, (group + i) * tile);
    }
  }
}

template <class Cell>
static void update_cells(const ForwardStep& s) {
  alignas(64) constexpr float kNothing[kGateFloats<Cell>] = {};
  for (int group = s.first_group; group < s.last_group; ++group) {
    for (int row = 0; row < s.rows; ++row) {
      const float* sums =
          s.gates + (static_cast<std::ptrdiff_t>(group) * s.rows + row) * kGateFloats<Cell>;
      update_cell<Cell>(s, group, row, s.inputs == nullptr ? kNothing : sums);
    }
  }
}

/// One row's group of units: the gradients of its gates from those of its states.
template <class Cell>
CHARRNN_INLINE void differentiate_cell(const BackwardStep& s, int group, int row, Floats dh) {
  const std::ptrdiff_t unit = (static_cast<std::ptrdiff_t>(group) * s.rows + row) * kWidth;
  float* tiles = s.gates + Cell::kTiles * unit;
  Floats gates[Cell::kTiles], before[Cell::kStates], after[Cell::kStates];
  Floats direct[Cell::kStates] = {};
#pragma GCC unroll 4
  for (int i = 0; i < Cell::kTiles; ++i) gates[i] = load(tiles + i * kWidth);
#pragma GCC unroll 4
  for (int i = 0; i < Cell::kStates; ++i) {
    before[i] = load(s.before[i] + unit);
    after[i] = load(s.after[i] + unit);
    if (!Cell::kDirect[i]) continue;
    direct[i] = load(s.direct[i] + unit);
    if (s.keep_after != nullptr) direct[i] *= s.keep_after[row];
  }
  Cell::backward(gates, before, after, dh, direct);
#pragma GCC unroll 4
  for (int i = 0; i < Cell::kTiles; ++i) store(tiles + i * kWidth, gates[i]);
#pragma GCC unroll 4
  for (int i = 0; i < Cell::kStates; ++i) {
    if (Cell::kDirect[i]) store(s.direct[i] + unit, direct[i]);
  }
}

/// What differentiate_cell() needs of a panel's two groups.
template <class Cell>
CHARRNN_INLINE Fetcher fetch_backward(const BackwardStep& s, int panel) {
  const std::ptrdiff_t tile = static_cast<std::ptrdiff_t>(s.rows) * 2 * kWidth;
  Fetcher fetcher;
  fetcher.add(s.gates + panel * Cell::kTiles * tile, Cell::kTiles * tile);
  for (int i = 0; i < Cell::kStates; ++i) {
    if (!Cell::kDirect[i]) continue;
    fetcher.add(s.after[i] + panel * tile, tile);
    fetcher.add(s.before[i] + panel * tile, tile);
  }
  fetcher.add(s.d_output + panel * tile, tile);
  fetcher.spread(static_cast<std::ptrdiff_t>(passes_of(s.rows)) * s.groups);
  return fetcher;
}

template <class Cell>
static void backward(const BackwardStep& s) {
  alignas(64) float sums[kMaxBlockRows * 2 * kWidth] = {};
  const std::ptrdiff_t gate_tile = s.rows * kGateFloats<Cell>;
  const std::ptrdiff_t panel_size = s.groups * kGateFloats<Cell> / kTerms * 2 * kWidth;
  for (int panel = 0; panel < s.groups / 2; ++panel) {
    Fetcher fetcher = fetch_backward<Cell>(s, panel);
    if (s.gates_after != nullptr) {
      multiply_rows<kGateFloats<Cell> / kTerms>(
          s.rows, {.a = s.gates_after + neighbours_at<kGateFloats<Cell>>(s.rows),
                   .a_group = gate_tile,
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
        differentiate_cell<Cell>(s, group, row, dh);
      }
      round_group<kGateFloats<Cell>>(s.gates + group * gate_tile, s.rows,
                                     s.gates + group * gate_tile);
    }
  }
}

template <class Cell>
constexpr CellKernels cell_kernels() {
  return {.tiles = Cell::kTiles,
          .states = Cell::kStates,
          .forward = forward<Cell>,
          .update_cells = update_cells<Cell>,
          .backward = backward<Cell>};
}

}  // namespace charrnn::CHARRNN_ISA
