// The LSTM cell. For kernels_*.cpp only.
#pragma once

#include "model/fused/vector_math.h"

namespace charrnn::CHARRNN_ISA {

/// A vector of units of an LSTM layer at one time step. [Gers, Schmidhuber, Cummins: Learning to
/// Forget, 2000; gates in PyTorch's order: input, forget, cell, output]
struct Lstm {
  static constexpr int kTiles = 4;
  static constexpr int kStates = 2;  // hidden, cell
  static constexpr bool kDirect[kStates] = {false, true};

  CHARRNN_INLINE_MEMBER static void forward(Floats (&gates)[kTiles],
                                            const Floats (&before)[kStates],
                                            Floats (&after)[kStates]) {
    const Floats i = sigmoid(gates[0]);
    const Floats f = sigmoid(gates[1]);
    const Floats g = hyperbolic_tangent(gates[2]);
    const Floats o = sigmoid(gates[3]);
    const Floats c = f * before[1] + i * g;
    after[0] = o * hyperbolic_tangent(c);
    after[1] = c;
    gates[0] = i;
    gates[1] = f;
    gates[2] = g;
    gates[3] = o;
  }

  CHARRNN_INLINE_MEMBER static void backward(Floats (&gates)[kTiles],
                                             const Floats (&before)[kStates],
                                             const Floats (&after)[kStates], Floats dh,
                                             Floats (&direct)[kStates]) {
    const Floats i = gates[0], f = gates[1], g = gates[2], o = gates[3];
    const Floats squashed = hyperbolic_tangent(after[1]);
    const Floats dc = direct[1] + dh * o * (1.0F - squashed * squashed);
    gates[0] = dc * g * i * (1.0F - i);
    gates[1] = dc * before[1] * f * (1.0F - f);
    gates[2] = dc * i * (1.0F - g * g);
    gates[3] = dh * squashed * o * (1.0F - o);
    direct[1] = dc * f;
  }
};

}  // namespace charrnn::CHARRNN_ISA
