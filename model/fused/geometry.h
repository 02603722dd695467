#pragma once

#include <cstddef>

#include "model/network.h"

namespace charrnn {

/// Sizes of a network's tiles (see kernels.h) for one vector width.
struct Geometry {
  Geometry(const NetworkShape& network, int vector_width)
      : shape(network),
        width(vector_width),
        groups(pairs_of(network.hidden)),
        symbol_groups(pairs_of(network.vocabulary)) {}

  NetworkShape shape;
  int width;          ///< W
  int groups;         ///< of units, an even number
  int symbol_groups;  ///< of symbols, an even number

  /// Units with padding: the size of k for hidden states.
  std::ptrdiff_t units() const { return static_cast<std::ptrdiff_t>(groups) * width; }

  /// Symbols with padding.
  std::ptrdiff_t symbols() const { return static_cast<std::ptrdiff_t>(symbol_groups) * width; }

  /// Floats of one time step of unit tiles; gate tiles have four times as many.
  std::ptrdiff_t unit_step(int rows) const { return units() * rows; }
  std::ptrdiff_t gate_step(int rows) const { return 4 * units() * rows; }
  std::ptrdiff_t score_step(int rows) const { return symbols() * rows; }

 private:
  int pairs_of(int columns) const { return (columns + 2 * width - 1) / (2 * width) * 2; }
};

}  // namespace charrnn
