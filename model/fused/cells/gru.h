// The GRU cell. For kernels_*.cpp only.
#pragma once

#include "model/fused/vector_math.h"

namespace charrnn::CHARRNN_ISA {

/// A vector of units of a GRU layer at one time step, in the form of torch.nn.GRU: the reset gate
/// scales the recurrent part of the new gate, bias included, so that this part has a tile of its
/// own. [Cho et al., arXiv:1406.1078; gates in PyTorch's order: reset, update, new]
struct Gru {
  static constexpr int kTiles = 4;   // reset, update, the new gate's input part, its recurrent part
  static constexpr int kStates = 1;  // hidden
  static constexpr bool kDirect[kStates] = {true};

  CHARRNN_INLINE_MEMBER static void forward(Floats (&gates)[kTiles],
                                            const Floats (&before)[kStates],
                                            Floats (&after)[kStates]) {
    const Floats r = sigmoid(gates[0]);
    const Floats z = sigmoid(gates[1]);
    const Floats n = hyperbolic_tangent(gates[2] + r * gates[3]);
    after[0] = n + z * (before[0] - n);
    gates[0] = r;
    gates[1] = z;
    gates[2] = n;
  }

  CHARRNN_INLINE_MEMBER static void backward(Floats (&gates)[kTiles],
                                             const Floats (&before)[kStates],
                                             const Floats (&)[kStates] /*after*/, Floats dh,
                                             Floats (&direct)[kStates]) {
    const Floats r = gates[0], z = gates[1], n = gates[2];
    const Floats d_after = dh + direct[0];
    const Floats d_new = d_after * (1.0F - z) * (1.0F - n * n);
    gates[0] = d_new * gates[3] * r * (1.0F - r);
    gates[1] = d_after * (before[0] - n) * z * (1.0F - z);
    gates[2] = d_new;
    gates[3] = d_new * r;
    direct[0] = d_after * z;
  }
};

}  // namespace charrnn::CHARRNN_ISA
