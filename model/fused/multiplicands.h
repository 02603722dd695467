// What the products multiply: floats, or pairs of bf16 (see "Pair tiles" in kernels.h). For
// kernels_*.cpp only. A file of kernels that multiply pairs defines CHARRNN_BF16 as the header that
// has their arithmetic: add_products(), round_both() and
// round_pairs().
#pragma once

#include "model/fused/kernels.h"
#include "model/fused/vector_math.h"

#ifdef CHARRNN_BF16
#include CHARRNN_BF16
#endif

namespace charrnn::CHARRNN_ISA {

#ifdef CHARRNN_BF16

/// Numbers in each multiplicand of 32 bits.
constexpr int kTerms = 2;

typedef std::uint16_t HalfVector __attribute__((vector_size(kWidth * 2)));

/// W numbers of bf16, each as the pair of itself and zero.
CHARRNN_INLINE Ints load_singles(const std::uint16_t* p) {
  HalfVector v;
  __builtin_memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, Ints);
}

CHARRNN_INLINE float single(std::uint16_t bits) {
  const std::uint32_t pair = bits;
  return __builtin_bit_cast(float, pair);
}

/// Rounds values[0 .. count) to pairs of neighbours; an odd one out is paired with zero.
static void round_neighbours(const float* values, std::ptrdiff_t count, float* pairs) {
  std::ptrdiff_t i = 0;
  for (; i + 2 * kWidth <= count; i += 2 * kWidth) {
    store(pairs + i / 2, round_both(load(values + i), load(values + i + kWidth)));
  }
  if (i == count) return;
  float rest[2 * kWidth] = {}, rounded[kWidth];
  __builtin_memcpy(rest, values + i, (count - i) * sizeof(float));
  store(rounded, round_both(load(rest), load(rest + kWidth)));
  __builtin_memcpy(pairs + i / 2, rounded, (count - i + 1) / 2 * sizeof(float));
}

/// pairs[i] = (first[i], second[i]), rounded; `second` may be null: zeros.
static void round_two(const float* first, const float* second, std::ptrdiff_t count, float* pairs) {
  std::ptrdiff_t i = 0;
  for (; i + kWidth <= count; i += kWidth) {
    store(pairs + i, round_pairs(load(first + i), second == nullptr ? Floats{} : load(second + i)));
  }
  if (i == count) return;
  float rest[2][kWidth] = {}, rounded[kWidth];
  __builtin_memcpy(rest[0], first + i, (count - i) * sizeof(float));
  if (second != nullptr) __builtin_memcpy(rest[1], second + i, (count - i) * sizeof(float));
  store(rounded, round_pairs(load(rest[0]), load(rest[1])));
  __builtin_memcpy(pairs + i, rounded, (count - i) * sizeof(float));
}

/// One group's tiles, [row][kTile], to pair tiles; `pairs` may be where `tiles` are.
template <int kTile>
CHARRNN_INLINE void round_group(const float* tiles, int rows, float* pairs) {
  alignas(64) float copy[kMaxBlockRows * kTile];
  const float* values = tiles;
  if (pairs == tiles) {
    __builtin_memcpy(copy, tiles, sizeof(float) * rows * kTile);
    values = copy;
  }
  for (int row = 0; row + 2 <= rows; row += 2, pairs += kTile) {
    round_two(values + row * kTile, values + (row + 1) * kTile, kTile, pairs);
  }
  round_neighbours(values, static_cast<std::ptrdiff_t>(rows) * kTile, pairs);
}

static void round_tiles(const float* tiles, int rows, int groups, float* pairs) {
  const std::ptrdiff_t group = static_cast<std::ptrdiff_t>(rows) * kWidth;
  for (int i = 0; i < groups; ++i) round_group<kWidth>(tiles + i * group, rows, pairs + i * group);
}

constexpr RoundingKernels kRounding = {round_neighbours, round_two, round_tiles};

#else

constexpr int kTerms = 1;

CHARRNN_INLINE Floats add_products(Floats sum, float x, Floats b) { return sum + x * b; }

template <int kTile>
CHARRNN_INLINE void round_group(const float*, int, float*) {}

constexpr RoundingKernels kRounding = {};

#endif

/// Where a group's tiles of kTile floats a row hold what a product with the tile's columns as its k
/// reads.
template <int kTile>
CHARRNN_INLINE std::ptrdiff_t neighbours_at(int rows) {
  return kTerms == 1 ? 0 : static_cast<std::ptrdiff_t>(rows / 2) * kTile;
}

}  // namespace charrnn::CHARRNN_ISA
