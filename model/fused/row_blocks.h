#pragma once

#include <algorithm>

#include "model/fused/kernels.h"

namespace charrnn {

/// The first row of block `i` of those that `rows` rows are cut into: as few as fit and at least
/// two, of equal size but for one row.
struct RowCut {
  explicit RowCut(int all_rows)
      : rows(all_rows),
        blocks(std::max((all_rows + kMaxBlockRows - 1) / kMaxBlockRows, std::min(all_rows, 2))) {}

  int first(int block) const {
    return static_cast<int>(static_cast<long long>(rows) * block / blocks);
  }
  int size(int block) const { return first(block + 1) - first(block); }
  int largest() const { return (rows + blocks - 1) / blocks; }

  /// The block that begins with a row; the number of blocks behind the last row.
  int block_of(int row) const {
    int block = 0;
    while (block < blocks && first(block) < row) ++block;
    return block;
  }

  int rows;
  int blocks;
};

/// Rows that one of several machines computes.
struct RowShare {
  int first = 0;
  int count = 0;
};

/// The rows of machine `i` of `machines`: whole blocks, nearly as many on each. None when there are
/// fewer blocks than machines.
inline RowShare share_of_rows(int rows, int i, int machines) {
  const RowCut cut(rows);
  const int first = cut.first(cut.blocks * i / machines);
  return {first, cut.first(cut.blocks * (i + 1) / machines) - first};
}

}  // namespace charrnn
