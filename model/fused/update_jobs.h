#pragma once

#include <vector>

#include "model/fused/kernels.h"
#include "model/fused/packed_weights.h"
#include "model/network_tensors.h"

namespace charrnn {

/// The optimiser on all parameters and the packing of what it wrote, cut into jobs that share
/// nothing: a group of units of one layer, or a panel of fc's symbols, is updated and packed while
/// it is hot in the caches.
class UpdateJobs {
 public:
  UpdateJobs(const Geometry& geometry, const Kernels& kernels, OptimizerKind optimizer);

  int count() const { return static_cast<int>(jobs_.size()); }

  /// Updates one job's parameters. `run`: the beginnings of the flat buffers and the numbers of
  /// this step; its count is not read. `directions`: those of the matrices, laid out as Weights, of
  /// an orthogonal OptimizerRule; else null.
  void run(int job, const UpdateRun& run, const float* directions, PackedWeights& packed) const;

 private:
  struct Job {
    int layer;  // L: fc
    int index;  // group, or panel of symbols
  };
  void update_rows(const TensorSpec& tensor, int first, int count, UpdateRun run) const;

  Geometry geometry_;
  void (*update_matrix_)(const UpdateRun&);
  void (*update_vector_)(const UpdateRun&);
  NetworkTensors tensors_;
  std::vector<Job> jobs_;
};

}  // namespace charrnn
