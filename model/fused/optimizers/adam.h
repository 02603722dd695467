// torch.optim.Adam; slots and factors as model/optimizer.cpp has them. For kernels_*.cpp only.
#pragma once

#include "model/fused/kernels.h"
#include "model/fused/vector_math.h"

namespace charrnn::CHARRNN_ISA {

constexpr float kBeta1 = 0.9F, kBeta2 = 0.999F, kEpsilon = 1e-8F;

CHARRNN_INLINE float square_root(float v) { return __builtin_sqrtf(v); }

CHARRNN_INLINE Floats square_root(Floats v) {
  for (int i = 0; i < kWidth; ++i) v[i] = __builtin_sqrtf(v[i]);
  return v;
}

/// One element or one vector of the update; m, v and w are changed.
template <class Value>
CHARRNN_INLINE void adam_update(const UpdateRun& run, Value gradient, Value& m, Value& v,
                                Value& w) {
  const Value g = gradient * run.clip_factor;
  m = m + (g - m) * (1.0F - kBeta1);
  v = v * kBeta2 + g * g * (1.0F - kBeta2);
  w = w - run.factors[0] * m / (square_root(v) * run.factors[2] + kEpsilon);
}

static void adam(const UpdateRun& run) {
  float *exp_avg = run.slots[0], *exp_avg_sq = run.slots[1];
  std::size_t i = 0;
  for (; i + kWidth <= run.count; i += kWidth) {
    Floats m = load(exp_avg + i), v = load(exp_avg_sq + i), w = load(run.weights + i);
    adam_update(run, load(run.gradient + i), m, v, w);
    store(exp_avg + i, m);
    store(exp_avg_sq + i, v);
    store(run.weights + i, w);
  }
  for (; i < run.count; ++i) {
    adam_update(run, run.gradient[i], exp_avg[i], exp_avg_sq[i], run.weights[i]);
  }
}

}  // namespace charrnn::CHARRNN_ISA
