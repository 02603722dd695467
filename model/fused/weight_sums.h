// Sums over time and rows: weight gradients. For kernels_*.cpp only.
#pragma once

#include "model/fused/tile_product.h"

namespace charrnn::CHARRNN_ISA {

/// Rows x steps that are worked at once, so that their share of both sides stays in the L2 cache.
constexpr int kTermsAtOnce = 256;

/// Asks for `count` floats that will be read soon.
CHARRNN_INLINE void fetch(const float* p, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; i += 16) __builtin_prefetch(p + i);
}

/// One pass: columns [first, first + kColumns) of a times two groups of b, over `steps` time steps.
struct TermPass {
  const float* a;
  const float* b;
  int steps;
  std::ptrdiff_t
      soon;  ///< floats from what is read of b to what will be: one line a row is fetched
  float* c;
};

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
  for (int t = 0; t < pass.steps; ++t) {
    const float* x = pass.a + t * p.a_step;
    const float* y = pass.b + t * p.b_step;
#pragma GCC unroll 4
    for (int row = 0; row < p.rows; ++row, x += kTile, y += kWidth) {
      __builtin_prefetch(y + pass.soon);
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

/// Time steps [t, t + steps) of an outer product. b comes from afar in strides that the processor
/// does not foresee, so the first two passes over a pair of groups fetch the next pair; what comes
/// next of a is fetched bit by bit along with it.
template <int kTile>
CHARRNN_INLINE void add_steps(const OuterProduct& p, int t, int steps, int next_steps) {
  constexpr int kPasses = (kTile + kMaxPassRows - 1) / kMaxPassRows;
  const std::ptrdiff_t group = static_cast<std::ptrdiff_t>(p.rows) * kWidth;
  const int pairs = p.b_groups / 2;
  for (int pair = 0; pair < pairs; ++pair) {
    const float* b = p.b + t * p.b_step + pair * 2 * group;
    const std::ptrdiff_t next = pair + 1 < pairs ? 2 * group : steps * p.b_step - pair * 2 * group;
    const int first_soon = split_begin(next_steps, pairs, pair);
    const int last_soon = split_begin(next_steps, pairs, pair + 1);
    for (int soon = first_soon; soon < last_soon; ++soon) {
      fetch(p.a + (t + steps + soon) * p.a_step, static_cast<std::ptrdiff_t>(p.rows) * kTile);
    }
    for (int i = 0; i < kPasses; ++i) {
      const int first = split_begin(kTile, kPasses, i);
      sum_terms_of<kTile>(split_begin(kTile, kPasses, i + 1) - first, p,
                          {.a = p.a + t * p.a_step + first,
                           .b = b,
                           .steps = steps,
                           .soon = i < 2 ? next + i * group : 0,
                           .c = p.c + (first * p.b_groups + 2 * pair) * kWidth});
    }
  }
}

template <int kTile>
CHARRNN_INLINE void outer_product_of(const OuterProduct& p) {
  const int chunk = kTermsAtOnce / p.rows;
  const auto steps_from = [&](int t) { return p.steps - t < chunk ? p.steps - t : chunk; };
  for (int t = 0; t < p.steps; t += chunk) {
    const int next = t + chunk;
    add_steps<kTile>(p, t, steps_from(t), next < p.steps ? steps_from(next) : 0);
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
