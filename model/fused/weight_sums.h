// Sums over time and rows: weight gradients. For kernels_*.cpp only.
#pragma once

#include "model/fused/tile_product.h"

namespace charrnn::CHARRNN_ISA {

/// One pass: some columns of a, from `first` on, times two groups of b.
struct TermPass {
  int first;
  const float* b;
  std::ptrdiff_t
      soon;  ///< floats from what is read of b to what will be: one line a row is fetched
  float* c;
};

/// Adds one time step's last row when it has none to be paired with.
template <int kColumns, int kTile>
CHARRNN_INLINE void add_odd_row([[maybe_unused]] const OuterProduct& p,
                                [[maybe_unused]] const TermPass& pass, [[maybe_unused]] int t,
                                [[maybe_unused]] Floats (&sums)[kColumns][2]) {
#ifdef CHARRNN_BF16
  const std::ptrdiff_t group = static_cast<std::ptrdiff_t>(p.rows) * kWidth;
  const auto* x =
      reinterpret_cast<const std::uint16_t*>(p.a + t * p.a_step + neighbours_at<kTile>(p.rows)) +
      (p.rows - 1) * kTile + pass.first;
  const auto* y = reinterpret_cast<const std::uint16_t*>(pass.b + t * p.b_step +
                                                         neighbours_at<kWidth>(p.rows)) +
                  (p.rows - 1) * kWidth;
  const Floats b0 = as_floats(load_singles(y)), b1 = as_floats(load_singles(y + 2 * group));
#pragma GCC unroll 16
  for (int m = 0; m < kColumns; ++m) {
    sums[m][0] = add_products(sums[m][0], single(x[m]), b0);
    sums[m][1] = add_products(sums[m][1], single(x[m]), b1);
  }
#endif
}

template <int kColumns, int kTile>
static void sum_terms(const OuterProduct& p, const TermPass& pass) {
  const std::ptrdiff_t c_row = static_cast<std::ptrdiff_t>(p.b_groups) * kWidth;
  Floats sums[kColumns][2];
#pragma GCC unroll 16
  for (int m = 0; m < kColumns; ++m) {
    sums[m][0] = load(pass.c + m * c_row);
    sums[m][1] = load(pass.c + m * c_row + kWidth);
  }
  const std::ptrdiff_t group = static_cast<std::ptrdiff_t>(p.rows) * kWidth;
  for (int t = 0; t < p.steps; ++t) {
    const float* x = p.a + t * p.a_step + pass.first;
    const float* y = pass.b + t * p.b_step;
#pragma GCC unroll 4
    for (int row = 0; row < p.rows / kTerms; ++row, x += kTile, y += kWidth) {
      __builtin_prefetch(y + pass.soon);
      const Floats b0 = load(y), b1 = load(y + group);
#pragma GCC unroll 16
      for (int m = 0; m < kColumns; ++m) {
        sums[m][0] = add_products(sums[m][0], x[m], b0);
        sums[m][1] = add_products(sums[m][1], x[m], b1);
      }
    }
    if (p.rows % kTerms != 0) add_odd_row<kColumns, kTile>(p, pass, t, sums);
  }
#pragma GCC unroll 16
  for (int m = 0; m < kColumns; ++m) {
    store(pass.c + m * c_row, sums[m][0]);
    store(pass.c + m * c_row + kWidth, sums[m][1]);
  }
}

template <int kTile, int kColumns = kMaxPassRows>
CHARRNN_INLINE void sum_terms_of(int columns, const OuterProduct& p, const TermPass& pass) {
  if constexpr (kColumns > 0) {
    if (columns == kColumns) {
      sum_terms<kColumns, kTile>(p, pass);
    } else {
      sum_terms_of<kTile, kColumns - 1>(columns, p, pass);
    }
  }
}

/// b comes from afar in strides that the processor does not foresee, so the first two passes over a
/// pair of groups fetch the next pair; what comes next of a is fetched bit by bit along with it.
template <int kTile>
CHARRNN_INLINE void add_terms(const OuterProduct& p) {
  constexpr int kPasses = (kTile + kMaxPassRows - 1) / kMaxPassRows;
  const std::ptrdiff_t group = static_cast<std::ptrdiff_t>(p.rows) * kWidth;
  const int pairs = p.b_groups / 2;
  for (int pair = 0; pair < pairs; ++pair) {
    const std::ptrdiff_t next =
        pair + 1 < pairs ? 2 * group : p.steps * p.b_step - pair * 2 * group;
    const int last_soon = split_begin(p.next_steps, pairs, pair + 1);
    for (int soon = split_begin(p.next_steps, pairs, pair); soon < last_soon; ++soon) {
      fetch(p.a + (p.steps + soon) * p.a_step, static_cast<std::ptrdiff_t>(p.rows) * kTile);
    }
    for (int i = 0; i < kPasses; ++i) {
      const int first = split_begin(kTile, kPasses, i);
      sum_terms_of<kTile>(split_begin(kTile, kPasses, i + 1) - first, p,
                          {.first = first,
                           .b = p.b + pair * 2 * group,
                           .soon = i < 2 ? next + i * group : 0,
                           .c = p.c + (first * p.b_groups + 2 * pair) * kWidth});
    }
  }
}

static void outer_product(const OuterProduct& p) {
  if (p.a_tiles == 4) {
    add_terms<4 * kWidth>(p);
  } else {
    add_terms<kWidth>(p);
  }
}

/// W values of one row of a group's tiles, from `first` of its columns on.
template <int kTile>
CHARRNN_INLINE Floats row_values(const float* tiles, [[maybe_unused]] int rows, int row,
                                 int first) {
#ifdef CHARRNN_BF16
  const auto* values = reinterpret_cast<const std::uint16_t*>(tiles + neighbours_at<kTile>(rows));
  return as_floats(load_singles(values + row * kTile + first) << 16);
#else
  return load(tiles + row * kTile + first);
#endif
}

template <int kTile>
CHARRNN_INLINE void add_columns(const ColumnSums& s) {
  for (int t = 0; t < s.steps; ++t) {
    const float* a = s.a + t * s.a_step;
    for (int row = 0; row < s.rows; ++row) {
      const int symbol = s.symbols == nullptr ? 0 : s.symbols[t * s.rows + row];
      float* sums = s.sums + static_cast<std::ptrdiff_t>(symbol) * kTile;
      for (int i = 0; i < kTile; i += kWidth)
        store(sums + i, load(sums + i) + row_values<kTile>(a, s.rows, row, i));
    }
  }
}

static void column_sums(const ColumnSums& s) {
  if (s.a_tiles == 4) {
    add_columns<4 * kWidth>(s);
  } else {
    add_columns<kWidth>(s);
  }
}

}  // namespace charrnn::CHARRNN_ISA
