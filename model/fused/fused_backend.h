#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "model/backend.h"
#include "model/fused/gradient_jobs.h"
#include "model/fused/matrix_directions.h"
#include "model/fused/team.h"
#include "model/fused/update_jobs.h"

namespace charrnn {

/// Seconds that the phases of training took, summed over steps.
struct FusedPhases {
  double rows = 0.0;        ///< forward and backward of the row blocks
  double gradients = 0.0;   ///< weight gradients
  double directions = 0.0;  ///< of an orthogonal optimiser; a part of `update`
  double update = 0.0;      ///< norm, clip, optimiser, packing
};

/// Training on the CPU without autograd, in three phases.
/// Accumulate: the rows of a batch are cut into blocks by (B) alone. Some blocks at a time (a wave)
/// go through the whole window, each on one thread and without waiting for others; then the weight
/// gradients of the wave are added by jobs that each own a part of them, of finished blocks already
/// while others run. Reduce: the gradient of this machine becomes that of all. Apply: the norm is
/// taken, an optimiser that wants it makes directions of whole matrices, then each part is clipped,
/// updated and packed.
/// Sums run in one order whatever the threads and waves, so the bits are the same for any number of
/// threads.
class FusedBackend : public Backend {
 public:
  FusedBackend(const TrainState& state, const BackendOptions& options, const Kernels& kernels);

  std::shared_ptr<const DeviceBatch> transfer(Batch batch) override;
  int depth() const override { return 1; }
  BegunStep begin(std::shared_ptr<const DeviceBatch> batch, const StepSettings& settings) override;
  Weights gradients() const override;
  std::shared_ptr<const Weights> weights() const override;
  TrainState state() const override;
  std::unique_ptr<Scorer> scorer(std::shared_ptr<const Weights> weights) const override;

  const FusedPhases& phases() const { return phases_; }

 private:
  /// Forward and backward into gradient_ and losses_.
  void accumulate(const Batch& batch, const StepSettings& settings);
  /// Makes both those of all machines.
  void reduce();
  /// Returns the batch's mean loss.
  double mean_loss(const Batch& batch) const;
  /// The first two phases with other machines, or nothing of them.
  double together(const Batch& batch, const StepSettings& settings);
  /// Returns the norm before clipping.
  double apply(const StepSettings& settings);

  /// Blocks [first, last) of a batch's cut.
  struct Blocks {
    int first = 0;
    int last = 0;
  };
  void make_room(const Batch& batch);
  void run_rows(const Batch& batch, const StepSettings& settings, Blocks wave, bool starts);
  void run_block(const Batch& batch, const StepSettings& settings, int block, RowBlock& rows);
  void add_early(int job, int member, const std::vector<std::atomic<bool>>& done, bool starts);
  void sum_gradients(int count, bool starts);
  UpdateRun update_run(const StepSettings& settings, double norm);
  void find_directions(const UpdateRun& run);
  void update(const StepSettings& settings, double norm);

  const Kernels& kernels_;
  Geometry geometry_;
  mutable Team team_;
  std::shared_ptr<GradientReduction> reduction_;  // null on one machine
  TrainState state_;
  Weights gradient_;
  PackedWeights packed_;
  GradientJobs gradient_jobs_;
  std::optional<MatrixDirections> directions_;  // of an orthogonal optimiser
  UpdateJobs update_jobs_;
  std::vector<std::unique_ptr<RowBlock>> wave_;
  RowBlockRoom room_;
  std::vector<double> losses_;  // [block]
  std::vector<int> early_;      // [gradient job]: blocks of the wave that it has added already
  FusedPhases phases_;
};

/// make_fused_backend() with kernels of choice.
std::unique_ptr<FusedBackend> make_fused_backend(const TrainState& state,
                                                 const BackendOptions& options,
                                                 const Kernels& kernels);

}  // namespace charrnn
