#pragma once

#include <memory>
#include <span>
#include <vector>

#include "model/fused/row_block.h"

namespace charrnn {

/// The weight gradients, cut into jobs that share nothing: each sums one group of units of one
/// layer, or a pair of groups of fc's symbols, over all rows and time steps in ascending order.
class GradientJobs {
 public:
  /// `members`: threads that may run() at the same time.
  GradientJobs(const Geometry& geometry, const Kernels& kernels, int members);

  /// The most work first.
  int count() const { return static_cast<int>(jobs_.size()); }

  /// Adds the terms of `blocks`, whose backward() is done, to `gradient`, laid out as Weights.
  /// `starts`: nothing was added yet; `ends`: nothing will be, and the squares are summed.
  void run(int job, int member, std::span<const std::unique_ptr<RowBlock>> blocks, bool starts,
           bool ends, float* gradient);

  /// The sum of all squares, added in the order of the jobs.
  double sum_of_squares() const;

 private:
  struct Job {
    int layer;  // L: fc
    int group;
    double squares = 0.0;
  };
  /// Where one job's rows lie in a tensor of the flat buffer: `runs` of `count` consecutive rows,
  /// `stride` rows apart. In a sum they are W rows apart.
  struct TileRows {
    std::ptrdiff_t offset;
    int runs;
    int count;
    std::ptrdiff_t stride;
    int columns;
  };
  /// What one thread adds up before it goes to the flat buffer.
  struct Sums {
    AlignedBuffer input;      // [4 W][units], or for layer 0 [V][4 W]
    AlignedBuffer recurrent;  // [4 W][units]; for fc [2 W][units]
    AlignedBuffer bias;       // [4 W]
  };

  void begin(const Job& job, Sums& sums, const float* gradient) const;
  void add_block(const Job& job, Sums& sums, const RowBlock& block) const;
  void add_gates(const Job& job, Sums& sums, const RowBlock& block, int first, int steps) const;
  void add_symbols(const Job& job, Sums& sums, const RowBlock& block, int first, int steps) const;
  void finish(const Job& job, Sums& sums, float* gradient) const;
  double squares_of(const Job& job, const float* gradient) const;

  TileRows rows_of(const Job& job, int tensor) const;
  void load(const TileRows& rows, const float* gradient, float* sums) const;
  void save(const TileRows& rows, const float* sums, float* gradient) const;
  void load_inputs(const TileRows& rows, const float* gradient, Sums& sums) const;
  void save_inputs(const TileRows& rows, Sums& sums, float* gradient) const;

  Geometry geometry_;
  const Kernels& kernels_;
  std::vector<TensorSpec> layout_;
  std::vector<Job> jobs_;
  std::vector<Sums> sums_;  // [member]
};

}  // namespace charrnn
