#pragma once

#include <cstddef>

#include "model/network.h"

namespace charrnn {

/// Sizes of a network's tiles (see kernels.h) for one vector width.
struct Geometry {
  Geometry(const NetworkShape& network, int vector_width)
      : shape(network),
        width(vector_width),
        tiles(describe(network.cell).tile_count()),
        groups(pairs_of(network.hidden)),
        symbol_groups(pairs_of(network.vocabulary)) {}

  NetworkShape shape;
  int width;          ///< W
  int tiles;          ///< G, of the cell
  int groups;         ///< of units, an even number
  int symbol_groups;  ///< of symbols, an even number

  /// Units with padding: the size of k for hidden states.
  std::ptrdiff_t units() const { return static_cast<std::ptrdiff_t>(groups) * width; }

  /// Symbols with padding.
  std::ptrdiff_t symbols() const { return static_cast<std::ptrdiff_t>(symbol_groups) * width; }

  /// Columns of gates with padding, in all and of one group.
  std::ptrdiff_t gates() const { return tiles * units(); }
  std::ptrdiff_t group_gates() const { return static_cast<std::ptrdiff_t>(tiles) * width; }

  /// Where a tile of a unit lies in the columns of gates.
  std::ptrdiff_t gate_column(int unit, int tile) const {
    return (static_cast<std::ptrdiff_t>(unit / width) * tiles + tile) * width + unit % width;
  }

  /// Panels that hold the gates of `count` groups, an even number.
  int gate_panels(int count) const { return tiles * count / 2; }

  /// The first of the groups of part `i` when `parts` share them, in pairs.
  int part_begin(int i, int parts) const { return groups / 2 * i / parts * 2; }

  /// Floats of one time step's unit tiles; gate tiles have G times as many.
  std::ptrdiff_t unit_tiles(int rows) const { return units() * rows; }

  /// Floats from one time step to the next. Weight gradients read one group of many time steps:
  /// were these a multiple of 4 KiB apart, they would all lie in the same few sets of the caches.
  std::ptrdiff_t unit_step(int rows) const {
    return unit_tiles(rows) % 1024 == 0 ? most_unit_step(rows) : unit_tiles(rows);
  }

  /// Not less than unit_step() of as many rows or fewer.
  std::ptrdiff_t most_unit_step(int rows) const {
    return unit_tiles(rows) + static_cast<std::ptrdiff_t>(2) * width * rows;
  }
  std::ptrdiff_t gate_step(int rows) const { return tiles * unit_step(rows); }
  std::ptrdiff_t score_step(int rows) const { return symbols() * rows; }

 private:
  int pairs_of(int columns) const { return (columns + 2 * width - 1) / (2 * width) * 2; }
};

}  // namespace charrnn
