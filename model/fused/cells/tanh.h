// The plain recurrent cell. For kernels_*.cpp only.
#pragma once

#include "model/fused/vector_math.h"

namespace charrnn::CHARRNN_ISA {

/// A vector of units of a tanh RNN's layer at one time step. [Elman: Finding Structure in Time,
/// 1990; as torch.nn.RNN]
struct Tanh {
  static constexpr int kTiles = 1;
  static constexpr int kStates = 1;  // hidden
  static constexpr bool kDirect[kStates] = {false};

  CHARRNN_INLINE_MEMBER static void forward(Floats (&gates)[kTiles],
                                            const Floats (&)[kStates] /*before*/,
                                            Floats (&after)[kStates]) {
    gates[0] = hyperbolic_tangent(gates[0]);
    after[0] = gates[0];
  }

  CHARRNN_INLINE_MEMBER static void backward(Floats (&gates)[kTiles],
                                             const Floats (&)[kStates] /*before*/,
                                             const Floats (&)[kStates] /*after*/, Floats dh,
                                             Floats (&)[kStates] /*direct*/) {
    gates[0] = dh * (1.0F - gates[0] * gates[0]);
  }
};

}  // namespace charrnn::CHARRNN_ISA
