#pragma once

#include <vector>

#include "model/fused/newton_schulz.h"
#include "model/network.h"

namespace charrnn {

/// The directions of an orthogonal OptimizerRule: of the block of each gate in every matrix, the
/// momentum is kept and made orthogonal. One block is one job, so at most as many threads compute
/// at a time as there are blocks; the bits do not depend on how many they are.
class MatrixDirections {
 public:
  /// `members`: threads that may run() at the same time.
  MatrixDirections(const NetworkShape& shape, const Kernels& kernels, int members);

  /// The most work first.
  int count() const { return static_cast<int>(blocks_.size()); }

  /// Writes one block's directions. `run`: the beginnings of the flat buffers and the numbers of
  /// this step, of which the first slot is changed.
  void run(int job, int member, const UpdateRun& run);

  /// Laid out as Weights; unused where there is no matrix.
  const float* data() const { return directions_.data(); }

 private:
  struct Block {
    std::size_t offset;
    int rows;
    int columns;
  };

  std::vector<Block> blocks_;
  Weights directions_;
  std::vector<NewtonSchulz> scratch_;  // [member]
};

}  // namespace charrnn
