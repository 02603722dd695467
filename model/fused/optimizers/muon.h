// Muon's last part: matrices follow the directions that MatrixDirections has made of their
// gradients. For kernels_*.cpp only.
#pragma once

#include "model/fused/kernels.h"
#include "model/fused/vector_math.h"

namespace charrnn::CHARRNN_ISA {

/// `gradient` holds the directions.
static void muon(const UpdateRun& run) {
  const float rate = run.factors[3];
  std::size_t i = 0;
  for (; i + kWidth <= run.count; i += kWidth) {
    store(run.weights + i, load(run.weights + i) - load(run.gradient + i) * rate);
  }
  for (; i < run.count; ++i) run.weights[i] -= run.gradient[i] * rate;
}

}  // namespace charrnn::CHARRNN_ISA
