#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "model/fused/row_block.h"
#include "model/network_tensors.h"

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
  /// `starts`: nothing was added yet.
  void run(int job, int member, std::span<const std::unique_ptr<RowBlock>> blocks, bool starts,
           float* gradient);

  /// Sums the squares of a job's part of `gradient`, and returns those of all jobs, added in their
  /// order.
  void square(int job, const float* gradient);
  double sum_of_squares() const;

 private:
  struct Job {
    int layer;  // L: fc
    int group;
    double squares = 0.0;
  };
  /// Where one job's rows lie in a tensor of the flat buffer: `runs` of `count` consecutive rows,
  /// `stride` rows apart. In a sum, run i begins at row tiles[i] * W.
  struct TileRows {
    std::ptrdiff_t offset;
    int runs;
    int count;
    std::ptrdiff_t stride;
    int columns;
    std::array<int, kMostGates> tiles;
  };
  /// What one thread adds up before it goes to the flat buffer.
  struct Sums {
    AlignedBuffer input;      // [G W][units], or for layer 0 [V][G W]
    AlignedBuffer recurrent;  // [G W][units]; for fc [2 W][units]
    AlignedBuffer bias;       // [G W]; for fc [2 W]
  };

  void begin(const Job& job, Sums& sums, const float* gradient) const;
  void add_block(const Job& job, Sums& sums, const RowBlock& block) const;
  void add_gates(const Job& job, Sums& sums, const RowBlock& block, int first, int steps) const;
  void add_symbols(const Job& job, Sums& sums, const RowBlock& block, int first, int steps) const;
  void finish(const Job& job, Sums& sums, float* gradient) const;

  bool is_head(const Job& job) const { return job.layer == geometry_.shape.layers; }
  TileRows head_rows(const Job& job, const TensorSpec& tensor) const;
  TileRows gate_rows(const Job& job, const TensorSpec& tensor, int CellTile::*gate) const;
  /// The job's rows of its weights (input before recurrent), then of its biases.
  std::vector<TileRows> weights_of(const Job& job) const;
  std::vector<TileRows> biases_of(const Job& job) const;

  void load(const TileRows& rows, const float* gradient, float* sums) const;
  void save(const TileRows& rows, const float* sums, float* gradient) const;
  void load_bias(const TileRows& rows, const float* gradient, float* sums) const;
  void save_bias(const TileRows& rows, const float* sums, float* gradient) const;
  void load_inputs(const Job& job, const float* gradient, Sums& sums) const;
  void save_inputs(const TileRows& rows, Sums& sums, float* gradient) const;

  Geometry geometry_;
  const Kernels& kernels_;
  const Cell& cell_;
  NetworkTensors tensors_;
  std::vector<Job> jobs_;
  std::vector<Sums> sums_;  // [member]
};

}  // namespace charrnn
