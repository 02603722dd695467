// Products of 16-bit hidden states and 8-bit weights. For kernels_*.cpp only.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "model/fused/tile_product.h"

namespace charrnn::CHARRNN_ISA {

typedef std::int16_t Pairs __attribute__((vector_size(kWidth * 4)));  // W pairs

/// W pairs of weights, widened.
CHARRNN_INLINE Pairs load_pairs(const std::int8_t* p) {
#if defined(__AVX512BW__)
  return reinterpret_cast<Pairs>(
      _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))));
#elif defined(__AVX2__)
  return reinterpret_cast<Pairs>(
      _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
#else
  Pairs pairs;
  for (int i = 0; i < 2 * kWidth; ++i) pairs[i] = p[i];
  return pairs;
#endif
}

/// `sums` and each pair's two products.
CHARRNN_INLINE Ints add_pairs(Ints sums, Pairs a, Pairs b) {
#if defined(__AVX512VNNI__)
  return reinterpret_cast<Ints>(_mm512_dpwssd_epi32(
      reinterpret_cast<__m512i>(sums), reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX512BW__)
  return sums + reinterpret_cast<Ints>(
                    _mm512_madd_epi16(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX2__)
  return sums + reinterpret_cast<Ints>(
                    _mm256_madd_epi16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#else
  for (int i = 0; i < kWidth; ++i) {
    sums[i] += std::int32_t{a[2 * i]} * b[2 * i] + std::int32_t{a[2 * i + 1]} * b[2 * i + 1];
  }
  return sums;
#endif
}

CHARRNN_INLINE Pairs splat_pair(const std::int16_t* p) {
  std::int32_t both;
  __builtin_memcpy(&both, p, sizeof both);
  return reinterpret_cast<Pairs>(both - Ints{});
}

/// One pass over a panel; c as in Pass.
struct Int8Pass {
  const std::int16_t* a;
  std::ptrdiff_t a_group;
  int groups;
  const std::int8_t* panel;
  const float* scale;
  const float* bias;
  float* c;
  std::ptrdiff_t c_row;
  std::ptrdiff_t c_vector;
};

template <int kRows>
static void run_int8_pass(const Int8Pass& pass) {
  Ints sums[kRows][2];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) sums[r][0] = sums[r][1] = Ints{};
  const std::int16_t* a = pass.a;
  const std::int8_t* panel = pass.panel;
  for (int group = 0; group < pass.groups; ++group, a += pass.a_group) {
#pragma GCC unroll 2
    for (int k = 0; k < kWidth; k += 2, panel += 4 * kWidth) {
      const Pairs b0 = load_pairs(panel), b1 = load_pairs(panel + 2 * kWidth);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const Pairs x = splat_pair(a + r * kWidth + k);
        sums[r][0] = add_pairs(sums[r][0], x, b0);
        sums[r][1] = add_pairs(sums[r][1], x, b1);
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) {
      const Floats sum = __builtin_convertvector(sums[r][i], Floats);
      store(pass.c + r * pass.c_row + i * pass.c_vector,
            load(pass.bias + i * kWidth) + load(pass.scale + i * kWidth) * sum);
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
  const int passes = passes_of(p.rows);
  for (int panel = 0; panel < p.panels; ++panel) {
    const TilePlace place = place_of(panel, p.rows, p.c_gates);
    for (int i = 0; i < passes; ++i) {
      const int first = split_begin(p.rows, passes, i);
      run_int8_pass_of(split_begin(p.rows, passes, i + 1) - first,
                       {.a = p.a + first * kWidth,
                        .a_group = static_cast<std::ptrdiff_t>(p.rows) * kWidth,
                        .groups = p.a_groups,
                        .panel = p.b + panel * panel_size,
                        .scale = p.scale + panel * 2 * kWidth,
                        .bias = p.bias + panel * 2 * kWidth,
                        .c = p.c + place.offset + first * place.row,
                        .c_row = place.row,
                        .c_vector = place.vector});
    }
  }
}

static void round_to_int16(const float* values, std::size_t count, std::int16_t* out) {
  typedef std::int16_t Shorts __attribute__((vector_size(kWidth * 2)));
  constexpr float kRound = 12582912.0F;  // see reduce()
  for (std::size_t i = 0; i < count; i += kWidth) {
    const Floats shifted = load(values + i) * static_cast<float>(kInt8ActivationScale) + kRound;
    const Ints rounded = as_ints(shifted) - as_ints(splat(kRound));
    const Shorts narrow = __builtin_convertvector(rounded, Shorts);
    __builtin_memcpy(out + i, &narrow, sizeof narrow);
  }
}

}  // namespace charrnn::CHARRNN_ISA
