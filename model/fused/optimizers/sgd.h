// torch.optim.SGD with momentum; slots and factors as model/optimizer.cpp has them. For
// kernels_*.cpp only.
#pragma once

#include "model/fused/kernels.h"
#include "model/fused/vector_math.h"

namespace charrnn::CHARRNN_ISA {

/// One element or one vector of the update; m and w are changed.
template <class Value>
CHARRNN_INLINE void sgd_update(const UpdateRun& run, Value gradient, Value& m, Value& w) {
  const Value g = gradient * run.clip_factor;
  m = m * run.factors[1] + g;
  w = w - (m * run.factors[2] + g * run.factors[3]) * run.factors[0];
}

static void sgd(const UpdateRun& run) {
  float* momentum = run.slots[0];
  std::size_t i = 0;
  for (; i + kWidth <= run.count; i += kWidth) {
    Floats m = load(momentum + i), w = load(run.weights + i);
    sgd_update(run, load(run.gradient + i), m, w);
    store(momentum + i, m);
    store(run.weights + i, w);
  }
  for (; i < run.count; ++i) sgd_update(run, run.gradient[i], momentum[i], run.weights[i]);
}

}  // namespace charrnn::CHARRNN_ISA
