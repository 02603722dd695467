// Sums over time and rows: weight gradients. For kernels_*.cpp only.
#pragma once

#include "model/fused/tile_product.h"

namespace charrnn::CHARRNN_ISA {

/// Rows x steps that are worked at once, so that their share of both sides stays in the L2 cache.
constexpr int kTermsAtOnce = 256;

/// kColumns columns of a times two groups of b, over `steps` time steps.
template <int kColumns, int kTile>
static void sum_terms(const OuterProduct& p, const float* a, const float* b, int steps, float* c) {
  const std::ptrdiff_t c_row = static_cast<std::ptrdiff_t>(p.b_groups) * kWidth;
  Floats sums[kColumns][2];
#pragma GCC unroll 16
  for (int m = 0; m < kColumns; ++m) {
    sums[m][0] = load(c + m * c_row);
    sums[m][1] = load(c + m * c_row + kWidth);
  }
  const std::ptrdiff_t group = static_cast<std::ptrdiff_t>(p.rows) * kWidth;
  for (int t = 0; t < steps; ++t) {
    const float* x = a + t * p.a_step;
    const float* y = b + t * p.b_step;
#pragma GCC unroll 4
    for (int row = 0; row < p.rows; ++row, x += kTile, y += kWidth) {
      const Floats b0 = load(y), b1 = load(y + group);
#pragma GCC unroll 16
      for (int m = 0; m < kColumns; ++m) {
        sums[m][0] += x[m] * b0;
        sums[m][1] += x[m] * b1;
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < kColumns; ++m) {
    store(c + m * c_row, sums[m][0]);
    store(c + m * c_row + kWidth, sums[m][1]);
  }
}

template <int kTile, int kColumns = kMaxPassRows>
CHARRNN_INLINE void sum_terms_of(int columns, const OuterProduct& p, const float* a, const float* b,
                                 int steps, float* c) {
  if constexpr (kColumns > 0) {
    if (columns == kColumns) {
      sum_terms<kColumns, kTile>(p, a, b, steps, c);
    } else {
      sum_terms_of<kTile, kColumns - 1>(columns, p, a, b, steps, c);
    }
  }
}

template <int kTile>
CHARRNN_INLINE void outer_product_of(const OuterProduct& p) {
  constexpr int kPasses = (kTile + kMaxPassRows - 1) / kMaxPassRows;
  const int chunk = kTermsAtOnce / p.rows;
  const std::ptrdiff_t pair = static_cast<std::ptrdiff_t>(p.rows) * 2 * kWidth;
  for (int t = 0; t < p.steps; t += chunk) {
    const int steps = p.steps - t < chunk ? p.steps - t : chunk;
    for (int n = 0; n < p.b_groups / 2; ++n) {
      for (int i = 0; i < kPasses; ++i) {
        const int first = split_begin(kTile, kPasses, i);
        sum_terms_of<kTile>(
            split_begin(kTile, kPasses, i + 1) - first, p, p.a + t * p.a_step + first,
            p.b + t * p.b_step + n * pair, steps,
            p.c + (static_cast<std::ptrdiff_t>(first) * p.b_groups + 2 * n) * kWidth);
      }
    }
  }
}

static void outer_product(const OuterProduct& p) {
  if (p.a_gates) {
    outer_product_of<4 * kWidth>(p);
  } else {
    outer_product_of<kWidth>(p);
  }
}

static void gate_sums(const GateSums& s) {
  for (int t = 0; t < s.steps; ++t) {
    const float* gates = s.gates + t * s.step;
    for (int row = 0; row < s.rows; ++row, gates += 4 * kWidth) {
      const int symbol = s.symbols == nullptr ? 0 : s.symbols[t * s.rows + row];
      float* sums = s.sums + static_cast<std::ptrdiff_t>(symbol) * 4 * kWidth;
      for (int i = 0; i < 4 * kWidth; i += kWidth)
        store(sums + i, load(sums + i) + load(gates + i));
    }
  }
}

}  // namespace charrnn::CHARRNN_ISA
