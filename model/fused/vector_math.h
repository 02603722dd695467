// Vectors of CHARRNN_WIDTH floats and their nonlinearities. For kernels_*.cpp only: all that is
// compiled with an instruction set's flags lives in its own namespace and uses nothing of std, or
// the linker could pick such code for machines that cannot run it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace charrnn::CHARRNN_ISA {

#define CHARRNN_INLINE_MEMBER inline __attribute__((always_inline))
#define CHARRNN_INLINE static CHARRNN_INLINE_MEMBER

constexpr int kWidth = CHARRNN_WIDTH;
typedef float Floats __attribute__((vector_size(kWidth * 4)));
typedef std::int32_t Ints __attribute__((vector_size(kWidth * 4)));

CHARRNN_INLINE Floats load(const float* p) {
  Floats v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

CHARRNN_INLINE void store(float* p, Floats v) { __builtin_memcpy(p, &v, sizeof v); }

CHARRNN_INLINE Floats splat(float x) { return x - Floats{}; }

CHARRNN_INLINE Floats as_floats(Ints v) { return reinterpret_cast<Floats>(v); }
CHARRNN_INLINE Ints as_ints(Floats v) { return reinterpret_cast<Ints>(v); }

/// The smaller and the larger of two numbers. A NaN in `a` stays one: every comparison with it is
/// false. One in `b` does not, so constants stand there.
CHARRNN_INLINE Floats minimum(Floats a, Floats b) { return b < a ? b : a; }
CHARRNN_INLINE Floats maximum(Floats a, Floats b) { return b > a ? b : a; }

/// x = n ln 2 + r with |r| <= ln 2 / 2, and 2^n; for |x| < 88.
struct Reduced {
  Floats r;
  Floats scale;
};

CHARRNN_INLINE Reduced reduce(Floats x) {
  // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
  constexpr float kRound = 12582912.0F;
  const Floats shifted = x * 1.44269504F + kRound;
  const Floats n = shifted - kRound;
  // ln 2 in two parts, the first with trailing zeros, so that n * part is exact.
  const Floats r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  const Ints exponent = as_ints(shifted) - as_ints(splat(kRound)) + 127;
  return {r, as_floats(exponent << 23)};
}

/// e^r - 1 by its Taylor series to r^7; for |r| <= ln 2 / 2 the rest is below 6e-9 r.
CHARRNN_INLINE Floats expm1_reduced(Floats r) {
  Floats p = splat(1.0F / 5040.0F);
  p = p * r + 1.0F / 720.0F;
  p = p * r + 1.0F / 120.0F;
  p = p * r + 1.0F / 24.0F;
  p = p * r + 1.0F / 6.0F;
  p = p * r + 0.5F;
  return p * r * r + r;
}

/// e^x for x clamped to [-87, 87]; NaN for NaN, here and in all that follows.
CHARRNN_INLINE Floats exponential(Floats x) {
  const Reduced reduced = reduce(minimum(maximum(x, splat(-87.0F)), splat(87.0F)));
  return expm1_reduced(reduced.r) * reduced.scale + reduced.scale;
}

CHARRNN_INLINE Floats sigmoid(Floats x) { return 1.0F / (1.0F + exponential(-x)); }

/// With m = e^(2|x|) - 1, tanh |x| = m / (m + 2): accurate near zero too.
CHARRNN_INLINE Floats hyperbolic_tangent(Floats x) {
  const Ints sign = as_ints(x) & INT32_MIN;
  const Floats size = as_floats(as_ints(x) & INT32_MAX);
  const Reduced reduced = reduce(minimum(size + size, splat(20.0F)));
  const Floats m = expm1_reduced(reduced.r) * reduced.scale + (reduced.scale - 1.0F);
  return as_floats(as_ints(m / (m + 2.0F)) | sign);
}

}  // namespace charrnn::CHARRNN_ISA
