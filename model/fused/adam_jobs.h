#pragma once

#include <vector>

#include "model/fused/kernels.h"
#include "model/fused/packed_weights.h"

namespace charrnn {

/// Adam on all parameters and the packing of what it wrote, cut into jobs that share nothing: a
/// group of units of one layer, or a panel of fc's symbols, is updated and packed while it is hot.
class AdamJobs {
 public:
  AdamJobs(const Geometry& geometry, const Kernels& kernels);

  int count() const { return static_cast<int>(jobs_.size()); }

  /// Updates one job's parameters. `run`: the beginnings of the four flat buffers and the numbers
  /// of this step; its count is not read.
  void run(int job, const AdamRun& run, PackedWeights& packed) const;

 private:
  struct Job {
    int layer;  // L: fc
    int index;  // group, or panel of symbols
  };
  void update_rows(const TensorSpec& tensor, int first, int count, const AdamRun& run) const;

  Geometry geometry_;
  const Kernels& kernels_;
  std::vector<TensorSpec> layout_;
  std::vector<Job> jobs_;
};

}  // namespace charrnn
