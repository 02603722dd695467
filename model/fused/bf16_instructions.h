// bf16 arithmetic by AVX512-BF16. For kernels_*.cpp only.
#pragma once

#include <immintrin.h>

#include "model/fused/vector_math.h"

namespace charrnn::CHARRNN_ISA {

/// sum + x.high * b.high + x.low * b.low, rounded to fp32 after each of the two additions. Numbers
/// below the normal ones count as zero, in the arguments and in the results.
CHARRNN_INLINE Floats add_products(Floats sum, float x, Floats b) {
  const __m512 pair = _mm512_set1_ps(x);
  return reinterpret_cast<Floats>(_mm512_dpbf16_ps(reinterpret_cast<__m512>(sum),
                                                   reinterpret_cast<__m512bh>(pair),
                                                   reinterpret_cast<__m512bh>(b)));
}

/// The numbers of `low`, then those of `high`, each rounded to the nearest bf16 (ties to even).
/// NaN stays NaN; numbers below the normal ones become zero.
CHARRNN_INLINE Floats round_both(Floats low, Floats high) {
  return reinterpret_cast<Floats>(
      _mm512_cvtne2ps_pbh(reinterpret_cast<__m512>(high), reinterpret_cast<__m512>(low)));
}

/// Lane i becomes the pair (first[i], second[i]), each rounded as round_both() does.
CHARRNN_INLINE Floats round_pairs(Floats first, Floats second) {
  alignas(64) static constexpr std::uint16_t kOrder[2 * kWidth] = {
      0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
      8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  return reinterpret_cast<Floats>(_mm512_permutexvar_epi16(
      _mm512_load_si512(kOrder), reinterpret_cast<__m512i>(round_both(first, second))));
}

}  // namespace charrnn::CHARRNN_ISA
