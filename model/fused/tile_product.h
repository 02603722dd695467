// The inner product of rows and panels. For kernels_*.cpp only.
#pragma once

#include "model/fused/multiplicands.h"

namespace charrnn::CHARRNN_ISA {

/// Rows that share one pass over a panel: their sums and the panel's two vectors fill the
/// registers.
constexpr int kMaxPassRows = CHARRNN_PASS_ROWS;

/// Asks for `count` floats that will be read soon.
CHARRNN_INLINE void fetch(const float* p, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; i += 16) __builtin_prefetch(p + i);
}

/// Memory that is needed after a product: asked for line by line while the product runs, so that
/// neither the product nor what comes after it waits.
class Fetcher {
 public:
  static constexpr int kParts = 5;

  /// `count` floats from `p` on, in one of up to kParts calls.
  CHARRNN_INLINE_MEMBER void add(const float* p, std::ptrdiff_t count) {
    parts_[parts_used_++] = {p, p + count};
    floats_ += count;
  }

  /// Spreads all lines over `turns` calls of next().
  CHARRNN_INLINE_MEMBER void spread(std::ptrdiff_t turns) {
    at_once_ = static_cast<int>((floats_ / kLine + turns - 1) / turns);
  }

  CHARRNN_INLINE_MEMBER void next() {
    for (int i = 0; i < at_once_ && part_ < parts_used_; ++i) {
      Part& part = parts_[part_];
      __builtin_prefetch(part.at, 1);
      part.at += kLine;
      if (part.at >= part.end) ++part_;
    }
  }

 private:
  static constexpr std::ptrdiff_t kLine = 16;
  struct Part {
    const float* at;
    const float* end;
  };
  Part parts_[kParts];
  int parts_used_ = 0, part_ = 0, at_once_ = 0;
  std::ptrdiff_t floats_ = 0;
};

/// One pass: c[row][2 vectors] = start + a[row][k] panel[k], with kTerms of k in each multiplicand.
struct Pass {
  const float* a;
  std::ptrdiff_t a_group;  ///< floats from one group of k to the next
  int groups;
  const float* panel;
  const float* start;  ///< [2 W]
  float* c;
  std::ptrdiff_t c_row;
  std::ptrdiff_t c_vector;
  Fetcher* fetcher = nullptr;
};

template <int kRows, int kGroup>
static void run_pass(const Pass& pass) {
  Floats sums[kRows][2];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    sums[r][0] = load(pass.start);
    sums[r][1] = load(pass.start + kWidth);
  }
  const float* a = pass.a;
  const float* panel = pass.panel;
  for (int group = 0; group < pass.groups; ++group, a += pass.a_group) {
    if (pass.fetcher != nullptr) pass.fetcher->next();
#pragma GCC unroll 4
    for (int k = 0; k < kGroup; ++k, panel += 2 * kWidth) {
      const Floats b0 = load(panel), b1 = load(panel + kWidth);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const float x = a[r * kGroup + k];
        sums[r][0] = add_products(sums[r][0], x, b0);
        sums[r][1] = add_products(sums[r][1], x, b1);
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    store(pass.c + r * pass.c_row, sums[r][0]);
    store(pass.c + r * pass.c_row + pass.c_vector, sums[r][1]);
  }
}

/// run_pass with a number of rows that is known when it runs.
template <int kGroup, int kRows = kMaxPassRows>
CHARRNN_INLINE void run_pass_of(int rows, const Pass& pass) {
  if constexpr (kRows > 0) {
    if (rows == kRows) {
      run_pass<kRows, kGroup>(pass);
    } else {
      run_pass_of<kGroup, kRows - 1>(rows, pass);
    }
  }
}

/// The first of pass `i`'s items when `count` items are shared evenly by `passes`.
CHARRNN_INLINE int split_begin(int count, int passes, int i) { return count * i / passes; }

/// Passes that `rows` rows take.
CHARRNN_INLINE int passes_of(int rows) { return (rows + kMaxPassRows - 1) / kMaxPassRows; }

/// All rows of a block through one panel; `pass` describes row 0.
template <int kGroup>
CHARRNN_INLINE void multiply_rows(int rows, const Pass& pass) {
  const int passes = passes_of(rows);
  for (int i = 0; i < passes; ++i) {
    const int first = split_begin(rows, passes, i);
    Pass part = pass;
    part.a += first * kGroup;
    part.c += first * pass.c_row;
    run_pass_of<kGroup>(split_begin(rows, passes, i + 1) - first, part);
  }
}

alignas(64) constexpr float kZeros[2 * kWidth] = {};

/// Where a panel's columns lie in the tiles of a result.
struct TilePlace {
  std::ptrdiff_t offset;
  std::ptrdiff_t row;
  std::ptrdiff_t vector;
};

/// The place of row 0 of a vector of columns, which are [group][tiles][W].
CHARRNN_INLINE std::ptrdiff_t vector_offset(int vector, int rows, int tiles) {
  return (static_cast<std::ptrdiff_t>(vector / tiles) * rows * tiles + vector % tiles) * kWidth;
}

CHARRNN_INLINE TilePlace place_of(int panel, int rows, int tiles) {
  const std::ptrdiff_t first = vector_offset(2 * panel, rows, tiles);
  return {first, std::ptrdiff_t{tiles} * kWidth, vector_offset(2 * panel + 1, rows, tiles) - first};
}

template <int kTile>
CHARRNN_INLINE void product_of(const Product& p) {
  constexpr int kGroup = kTile / kTerms;
  const std::ptrdiff_t k_size = static_cast<std::ptrdiff_t>(p.a_groups) * kGroup;
  for (int panel = 0; panel < p.panels; ++panel) {
    const TilePlace place = place_of(panel, p.rows, p.c_tiles);
    Pass pass{.a = p.a + neighbours_at<kTile>(p.rows),
              .a_group = static_cast<std::ptrdiff_t>(p.rows) * kTile,
              .groups = p.a_groups,
              .panel = p.b + panel * k_size * 2 * kWidth,
              .start = p.bias == nullptr ? kZeros : p.bias + panel * 2 * kWidth,
              .c = p.c + place.offset,
              .c_row = place.row,
              .c_vector = place.vector};
    for (int t = 0; t < p.steps; ++t, pass.a += p.a_step, pass.c += p.c_step) {
      multiply_rows<kGroup>(p.rows, pass);
    }
  }
}

static void product(const Product& p) {
  if (p.a_tiles == 4) {
    product_of<4 * kWidth>(p);
  } else {
    product_of<kWidth>(p);
  }
}

}  // namespace charrnn::CHARRNN_ISA
