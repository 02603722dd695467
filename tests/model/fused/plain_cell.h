#pragma once

#include <array>

#include "model/cell.h"

namespace charrnn {

/// One unit's sums of every gate, biases included: from the input and from the hidden state.
struct PlainSums {
  std::array<double, kMostGates> input{}, recurrent{};
};

/// The states of one unit in the order of the cell.
using PlainStates = std::array<double, 2>;

/// The textbook formulas of a cell for one unit and time step, in double precision.
PlainStates plain_cell(CellKind kind, const PlainSums& sums, const PlainStates& before);

/// Gradients of a loss with respect to what plain_cell() read.
struct PlainCellGradient {
  PlainSums sums;
  PlainStates before{};
};

/// From the gradients `d_after` with respect to what it returned.
PlainCellGradient plain_cell_gradient(CellKind kind, const PlainSums& sums,
                                      const PlainStates& before, const PlainStates& d_after);

}  // namespace charrnn
