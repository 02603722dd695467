// What Newton-Schulz steps do between their products, see newton_schulz.h. For kernels_*.cpp only.
#pragma once

#include "model/fused/multiplicands.h"

namespace charrnn::CHARRNN_ISA {

/// Where row k's first element lies in tiles that are cut into blocks of `rows`.
CHARRNN_INLINE std::ptrdiff_t row_place(int rows, int groups, int k) {
  return (static_cast<std::ptrdiff_t>(k / rows) * groups * rows + k % rows) * kWidth;
}

/// W elements of row k of a I + b G + c G^2 from a group on that lies `at` in the tiles.
CHARRNN_INLINE Floats series_vector(const SeriesPolynomial& p, int k, int group,
                                    std::ptrdiff_t at) {
  Floats values = load(p.gram + at) * p.b + load(p.square + at) * p.c;
  if (k / kWidth == group) values[k % kWidth] += p.a;
  return values;
}

/// As a k of a panel: pairs of two rows where products read pairs.
CHARRNN_INLINE Floats series_multiplicands(const SeriesPolynomial& p, int k, int group,
                                           std::ptrdiff_t at) {
  const Floats row = series_vector(p, k, group, at);
#ifdef CHARRNN_BF16
  return round_pairs(row, series_vector(p, k + 1, group, at + kWidth));
#else
  return row;
#endif
}

static void series_polynomial(const SeriesPolynomial& p) {
  const std::ptrdiff_t tile = static_cast<std::ptrdiff_t>(p.rows) * kWidth;
  const int side = p.groups * kWidth;
  float* out = p.panels;
  for (int panel = 0; panel < p.groups / 2; ++panel) {
    for (int first = 0; first < side; first += p.rows) {
      std::ptrdiff_t at = row_place(p.rows, p.groups, first) + 2 * panel * tile;
      for (int k = first; k < side && k < first + p.rows; k += kTerms, at += kTerms * kWidth) {
        store(out, series_multiplicands(p, k, 2 * panel, at));
        store(out + kWidth, series_multiplicands(p, k, 2 * panel + 1, at + tile));
        out += 2 * kWidth;
      }
    }
  }
}

/// Lanes of two vectors in turn, those of their first halves and of their second ones.
#if CHARRNN_WIDTH == 16
#define CHARRNN_FIRST_HALVES 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define CHARRNN_SECOND_HALVES 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif CHARRNN_WIDTH == 8
#define CHARRNN_FIRST_HALVES 0, 8, 1, 9, 2, 10, 3, 11
#define CHARRNN_SECOND_HALVES 4, 12, 5, 13, 6, 14, 7, 15
#else
#define CHARRNN_FIRST_HALVES 0, 4, 1, 5
#define CHARRNN_SECOND_HALVES 2, 6, 3, 7
#endif

/// Row i becomes column i. Each turn halves the distance of the rows that meet.
CHARRNN_INLINE void transpose(Floats (&rows)[kWidth]) {
#pragma GCC unroll 4
  for (int turn = 1; turn < kWidth; turn *= 2) {
    Floats next[kWidth];
#pragma GCC unroll 8
    for (int i = 0; i < kWidth / 2; ++i) {
      const Floats one = rows[i], other = rows[i + kWidth / 2];
      next[2 * i] = __builtin_shufflevector(one, other, CHARRNN_FIRST_HALVES);
      next[2 * i + 1] = __builtin_shufflevector(one, other, CHARRNN_SECOND_HALVES);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; ++i) rows[i] = next[i];
  }
}

static void store_symmetric(const SymmetricStripe& s) {
  const std::ptrdiff_t tile = static_cast<std::ptrdiff_t>(s.rows) * kWidth;
  const std::ptrdiff_t columns = static_cast<std::ptrdiff_t>(s.groups - s.first) * kWidth;
  const float* from = s.stripe;
  for (int other = s.first; other < s.groups; ++other, from += kWidth) {
    Floats rows[kWidth];
    for (int i = 0; i < kWidth; ++i) {
      rows[i] = load(from + i * columns);
      store(s.tiles + row_place(s.rows, s.groups, s.group * kWidth + i) + other * tile, rows[i]);
    }
    if (other < s.first + 2) continue;
    transpose(rows);
    for (int j = 0; j < kWidth; ++j) {
      store(s.tiles + row_place(s.rows, s.groups, other * kWidth + j) + s.group * tile, rows[j]);
    }
  }
}

}  // namespace charrnn::CHARRNN_ISA
