// The arithmetic of AVX512-BF16 in generic vectors, to the bit: what bf16_instructions.h is held
// to, and what the pairs of bf16 are tried with on a processor that lacks the instructions.
#pragma once

#include "model/fused/vector_math.h"

namespace charrnn::CHARRNN_ISA {

typedef std::uint32_t Words32 __attribute__((vector_size(kWidth * 4)));
typedef std::uint16_t Words16 __attribute__((vector_size(kWidth * 4)));

CHARRNN_INLINE Words32 choose(Ints condition, Words32 yes, Words32 no) {
  const auto mask = reinterpret_cast<Words32>(condition);
  return (yes & mask) | (no & ~mask);
}

/// Numbers below the normal ones become zero; the sign stays.
CHARRNN_INLINE Floats flush(Floats x) {
  const auto bits = reinterpret_cast<Words32>(x);
  return reinterpret_cast<Floats>(choose((bits & 0x7F800000U) == 0U, bits & 0x80000000U, bits));
}

CHARRNN_INLINE Floats add_products(Floats sum, float x, Floats b) {
  // Adding Floats{} would lose the bits of a pair that happens to be a NaN.
  const Words32 xs = __builtin_bit_cast(std::uint32_t, x) - Words32{};
  const auto bs = reinterpret_cast<Words32>(b);
  const auto high = [](Words32 pairs) {
    return flush(reinterpret_cast<Floats>(pairs & 0xFFFF0000U));
  };
  const auto low = [](Words32 pairs) { return flush(reinterpret_cast<Floats>(pairs << 16)); };
  const Floats first = flush(flush(sum) + high(xs) * high(bs));
  return flush(first + low(xs) * low(bs));
}

/// Each lane's number rounded to bf16 in its low half.
CHARRNN_INLINE Words32 rounded(Floats x) {
  const auto bits = reinterpret_cast<Words32>(x);
  const Words32 nearest = (bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16;
  const Words32 number = choose((bits & 0x7F800000U) == 0U, bits >> 16 & 0x8000U, nearest);
  return choose((bits & 0x7FFFFFFFU) > 0x7F800000U, bits >> 16 | 0x40U, number);
}

CHARRNN_INLINE Floats round_both(Floats low, Floats high) {
  const Words32 parts[2] = {rounded(low), rounded(high)};
  Words16 both;
  for (int i = 0; i < 2 * kWidth; ++i) {
    both[i] = static_cast<std::uint16_t>(parts[i / kWidth][i % kWidth]);
  }
  return reinterpret_cast<Floats>(both);
}

CHARRNN_INLINE Floats round_pairs(Floats first, Floats second) {
  return reinterpret_cast<Floats>(rounded(first) | rounded(second) << 16);
}

}  // namespace charrnn::CHARRNN_ISA
