// Products of rounded hidden states and 8-bit weights. For kernels_*.cpp only.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "model/fused/tile_product.h"

namespace charrnn::CHARRNN_ISA {

// A lane takes 32 bits of activations at once: two of 16 bits, or four of 8 bits.
#if defined(__AVX512VNNI__)
constexpr int kInt8Terms = 4;
typedef std::uint8_t Activation;
typedef __m512i Terms;
#else
constexpr int kInt8Terms = 2;
typedef std::int16_t Activation;
typedef std::int16_t Terms __attribute__((vector_size(kWidth * 4)));
#endif

/// W lanes of weights, as wide as the activations.
CHARRNN_INLINE Terms load_weights(const std::int8_t* p) {
#if defined(__AVX512VNNI__)
  return _mm512_load_si512(p);
#elif defined(__AVX512BW__)
  return reinterpret_cast<Terms>(
      _mm512_cvtepi8_epi16(_mm256_load_si256(reinterpret_cast<const __m256i*>(p))));
#elif defined(__AVX2__)
  return reinterpret_cast<Terms>(
      _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(p))));
#else
  Terms weights;
  for (int i = 0; i < 2 * kWidth; ++i) weights[i] = p[i];
  return weights;
#endif
}

/// `sums` and each lane's products.
CHARRNN_INLINE Ints add_products(Ints sums, Terms a, Terms weights) {
#if defined(__AVX512VNNI__)
  return reinterpret_cast<Ints>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sums), a, weights));
#elif defined(__AVX512BW__)
  return sums + reinterpret_cast<Ints>(_mm512_madd_epi16(reinterpret_cast<__m512i>(a),
                                                         reinterpret_cast<__m512i>(weights)));
#elif defined(__AVX2__)
  return sums + reinterpret_cast<Ints>(_mm256_madd_epi16(reinterpret_cast<__m256i>(a),
                                                         reinterpret_cast<__m256i>(weights)));
#else
  for (int i = 0; i < kWidth; ++i) {
    sums[i] +=
        std::int32_t{a[2 * i]} * weights[2 * i] + std::int32_t{a[2 * i + 1]} * weights[2 * i + 1];
  }
  return sums;
#endif
}

/// One lane's activations in all lanes.
CHARRNN_INLINE Terms splat_activations(const Activation* p) {
  std::int32_t all;
  __builtin_memcpy(&all, p, sizeof all);
  return reinterpret_cast<Terms>(all - Ints{});
}

CHARRNN_INLINE Ints load_ints(const std::int32_t* p) {
  Ints ints;
  __builtin_memcpy(&ints, p, sizeof ints);
  return ints;
}

/// One pass over a panel; c as in Pass.
struct Int8Pass {
  const Activation* a;
  std::ptrdiff_t a_group;
  int groups;
  const std::int8_t* panel;
  const std::int32_t* start;
  const float* scale;
  const float* bias;
  const float* checks;  // of the pass's rows; null: all 0
  float* c;
  std::ptrdiff_t c_row;
  std::ptrdiff_t c_vector;
};

template <int kRows>
static void run_int8_pass(const Int8Pass& pass) {
  Ints sums[kRows][2];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    sums[r][0] = load_ints(pass.start);
    sums[r][1] = load_ints(pass.start + kWidth);
  }
  const Activation* a = pass.a;
  const std::int8_t* panel = pass.panel;
  for (int group = 0; group < pass.groups; ++group, a += pass.a_group) {
#pragma GCC unroll 2
    for (int k = 0; k < kWidth; k += kInt8Terms, panel += 2 * kInt8Terms * kWidth) {
      const Terms b0 = load_weights(panel), b1 = load_weights(panel + kInt8Terms * kWidth);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const Terms x = splat_activations(a + r * kWidth + k);
        sums[r][0] = add_products(sums[r][0], x, b0);
        sums[r][1] = add_products(sums[r][1], x, b1);
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    const float check = pass.checks == nullptr ? 0.0F : pass.checks[r];
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) {
      const Floats sum = __builtin_convertvector(sums[r][i], Floats);
      store(pass.c + r * pass.c_row + i * pass.c_vector,
            load(pass.bias + i * kWidth) + load(pass.scale + i * kWidth) * sum + check);
    }
  }
}

template <int kRows = kMaxPassRows>
CHARRNN_INLINE void run_int8_pass_of(int rows, const Int8Pass& pass) {
  if constexpr (kRows > 0) {
    if (rows == kRows) {
      run_int8_pass<kRows>(pass);
    } else {
      run_int8_pass_of<kRows - 1>(rows, pass);
    }
  }
}

static void int8_product(const Int8Product& p) {
  const std::ptrdiff_t panel_size = static_cast<std::ptrdiff_t>(p.a_groups) * kWidth * 2 * kWidth;
  const auto* a = reinterpret_cast<const Activation*>(p.a);
  const int passes = passes_of(p.rows);
  for (int panel = 0; panel < p.panels; ++panel) {
    const TilePlace place = place_of(panel, p.rows, p.c_tiles);
    for (int i = 0; i < passes; ++i) {
      const int first = split_begin(p.rows, passes, i);
      run_int8_pass_of(split_begin(p.rows, passes, i + 1) - first,
                       {.a = a + first * kWidth,
                        .a_group = static_cast<std::ptrdiff_t>(p.rows) * kWidth,
                        .groups = p.a_groups,
                        .panel = p.b + panel * panel_size,
                        .start = p.start + panel * 2 * kWidth,
                        .scale = p.scale + panel * 2 * kWidth,
                        .bias = p.bias + panel * 2 * kWidth,
                        .checks = p.checks == nullptr ? nullptr : p.checks + first,
                        .c = p.c + place.offset + first * place.row,
                        .c_row = place.row,
                        .c_vector = place.vector});
    }
  }
}

static void round_activations(const float* values, std::size_t count, std::byte* out) {
  typedef Activation Narrow __attribute__((vector_size(kWidth * sizeof(Activation))));
  constexpr float kRound = 12582912.0F;  // see reduce()
  constexpr int kZero = kInt8Terms == 4 ? kUnsignedActivationZero : 0;
  for (std::size_t i = 0; i < count; i += kWidth) {
    const Floats shifted = load(values + i) * static_cast<float>(kInt8ActivationScale) + kRound;
    const Ints rounded = as_ints(shifted) - as_ints(splat(kRound)) + kZero;
    const Narrow narrow = __builtin_convertvector(rounded, Narrow);
    __builtin_memcpy(out + i * sizeof(Activation), &narrow, sizeof narrow);
  }
}

static void check_rows(const float* tiles, int rows, int groups, float* checks) {
  for (int row = 0; row < rows; ++row) {
    Floats check{};
    for (int group = 0; group < groups; ++group) {
      check += load(tiles + (static_cast<std::ptrdiff_t>(group) * rows + row) * kWidth) * 0.0F;
    }
    for (int i = 0; i < kWidth; ++i) checks[row] += check[i];
  }
}

}  // namespace charrnn::CHARRNN_ISA
