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

  int rows;
  int blocks;
};

}  // namespace charrnn
