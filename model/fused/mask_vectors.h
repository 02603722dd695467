// Dropout masks as bits: drawing and applying them. For kernels_*.cpp only.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "model/fused/kernels.h"
#include "model/fused/vector_math.h"

namespace charrnn::CHARRNN_ISA {

/// The factors of the W elements from `element` on.
CHARRNN_INLINE Floats mask_vector(const MaskBits& mask, std::uint64_t element) {
  const std::uint64_t position = mask.offset + element;
  std::uint32_t bits;
  __builtin_memcpy(&bits, mask.bits + position / 8, sizeof bits);
  bits >>= position % 8;
  Ints lane;
  for (int i = 0; i < kWidth; ++i) lane[i] = 1 << i;
  const Ints kept = ((static_cast<std::int32_t>(bits) - Ints{}) & lane) != 0;
  return as_floats(kept & as_ints(splat(mask.factor)));
}

static void apply_mask(const MaskBits& mask, int rows, int hidden, int groups, float* tiles) {
  for (int group = 0; group < groups; ++group) {
    for (int row = 0; row < rows; ++row, tiles += kWidth) {
      store(tiles, load(tiles) * mask_vector(mask, static_cast<std::uint64_t>(row) * hidden +
                                                       static_cast<std::uint64_t>(group) * kWidth));
    }
  }
}

/// Counters of Philox side by side, each word in the low half of a 64-bit lane; what is above it is
/// never read.
constexpr int kCounters = kWidth / 2;
typedef std::uint64_t Words __attribute__((vector_size(kCounters * 8)));

CHARRNN_INLINE Words multiply_low(Words a, std::uint32_t b) {
#if defined(__AVX512F__)
  return reinterpret_cast<Words>(
      _mm512_maskz_mul_epu32(0xFF, reinterpret_cast<__m512i>(a), _mm512_set1_epi64(b)));
#elif defined(__AVX2__)
  return reinterpret_cast<Words>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(a), _mm256_set1_epi64x(b)));
#else
  return (a & 0xFFFFFFFFU) * std::uint64_t{b};
#endif
}

/// See philox() in counter_rng.h.
CHARRNN_INLINE void philox_words(std::uint64_t key, Words (&c)[4]) {
  auto k0 = static_cast<std::uint32_t>(key);
  auto k1 = static_cast<std::uint32_t>(key >> 32);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const Words p0 = multiply_low(c[0], 0xD2511F53U), p1 = multiply_low(c[2], 0xCD9E8D57U);
    c[0] = (p1 >> 32) ^ c[1] ^ std::uint64_t{k0};
    c[1] = p1;
    c[2] = (p0 >> 32) ^ c[3] ^ std::uint64_t{k1};
    c[3] = p0;
    k0 += 0x9E3779B9U;
    k1 += 0xBB67AE85U;
  }
}

/// The bytes of kCounters blocks, one in each lane: bit i is set when half-word i is kept.
CHARRNN_INLINE Words kept_bytes(const Words (&c)[4], std::uint32_t threshold) {
  Words bytes{};
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) {
    const Words half = (c[i / 2] >> (16 * (i % 2))) & 0xFFFFU;
    bytes |= reinterpret_cast<Words>(half >= std::uint64_t{threshold}) & (std::uint64_t{1} << i);
  }
  return bytes;
}

static void mask_bits(const MaskRun& run) {
  Words lane;
  for (int i = 0; i < kCounters; ++i) lane[i] = static_cast<std::uint64_t>(i);
  const std::uint64_t high = run.counter_high;
  for (std::size_t done = 0; done < run.blocks; done += kCounters) {
    const Words counter = lane + (run.first_block + done);
    Words c[4] = {counter, counter >> 32, high - Words{}, (high >> 32) - Words{}};
    philox_words(run.seed, c);
    const Words bytes = kept_bytes(c, run.threshold);
    const std::size_t left = run.blocks - done;
    for (std::size_t i = 0; i < kCounters && i < left; ++i) {
      run.bits[done + i] = static_cast<std::uint8_t>(bytes[i]);
    }
  }
}

}  // namespace charrnn::CHARRNN_ISA
