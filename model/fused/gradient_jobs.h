#pragma once

#include <span>
#include <vector>

#include "model/fused/row_block.h"

namespace charrnn {

/// The weight gradients, cut into jobs that share nothing: each sums one group of units of one
/// layer, or one group of fc's symbols, over all rows and time steps in ascending order.
class GradientJobs {
 public:
  /// `members`: threads that may run() at the same time.
  GradientJobs(const Geometry& geometry, const Kernels& kernels, int members);

  /// The most work first.
  int count() const { return static_cast<int>(jobs_.size()); }

  /// Adds the terms of `blocks`, whose backward() is done, to `gradient`, laid out as Weights.
  /// `starts`: nothing was added yet; `ends`: nothing will be, and the squares are summed.
  void run(int job, int member, std::span<const RowBlock* const> blocks, bool starts, bool ends,
           float* gradient);

  /// The sum of all squares, added in the order of the jobs.
  double sum_of_squares() const;

 private:
  struct Job {
    int layer;  // L: fc
    int group;
    double squares = 0.0;
  };
  /// Rows of a tensor that one job sums, in the order of its tile.
  struct TileRows {
    std::ptrdiff_t offset;  // of row 0 in the flat buffer
    int runs;               // of `count` consecutive rows, `stride` rows apart
    int count;
    std::ptrdiff_t stride;
    int columns;
  };

  void sum_layer(const Job& job, float* scratch, std::span<const RowBlock* const> blocks,
                 bool starts, bool ends, float* gradient);
  void sum_symbols(const Job& job, float* scratch, std::span<const RowBlock* const> blocks,
                   bool starts, float* gradient);
  void sum_inputs(const Job& job, float* scratch, std::span<const RowBlock* const> blocks,
                  bool starts, bool ends, float* gradient);
  void sum_bias(const Job& job, float* scratch, std::span<const RowBlock* const> blocks,
                bool starts, float* gradient);
  TileRows rows_of(const Job& job, int tensor) const;
  void load(const TileRows& rows, const float* gradient, float* tile, bool zero) const;
  void save(const TileRows& rows, const float* tile, float* gradient) const;
  double squares_of(const Job& job, const float* gradient) const;

  Geometry geometry_;
  const Kernels& kernels_;
  std::vector<TensorSpec> layout_;
  std::vector<Job> jobs_;
  std::vector<AlignedBuffer> scratch_;  // [member]
};

}  // namespace charrnn
