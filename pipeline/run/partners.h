#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "cluster/cluster.h"
#include "model/fused/row_blocks.h"
#include "model/gradient_reduction.h"
#include "model/network.h"
#include "nodes/stages.h"

namespace charrnn {

/// This process's dealings with the other ranks of a run on several machines: they take each step
/// together, each on its rows, and end together.
class Partners : public GradientReduction, public StepAgreement {
 public:
  /// `cluster` and `stop` are borrowed. `say` is told which rank was asked to stop.
  Partners(Cluster& cluster, bool exact, const std::atomic<bool>& stop,
           std::function<void(const std::string&)> say = {});

  Cluster& cluster() { return cluster_; }

  /// The rows of a batch of `rows` that are this rank's. Throws Error(kConfig) when there are fewer
  /// blocks of rows than ranks.
  RowShare share(int rows) const;

  bool takes_over() const override { return exact_ && !cluster_.leads(); }
  void take_over(std::span<float> gradient) override;
  void start(std::span<float> part) override { part_ = part; }
  void finish() override;
  void gather(std::span<double> numbers) override;
  Settled after_step(double seconds) override;

  /// Collective: every rank's carried state gets the rows of all.
  void gather_rows(TrainState& state);

  /// After this rank has failed, here or with another one: tells the others. False when one of them
  /// is lost, so that no state can be put together any more.
  bool can_save_after(const std::string& failure);

  /// True when what ended the work is a failure of another rank.
  bool failed_elsewhere() const { return failed_elsewhere_; }

 private:
  void guarded(const std::function<void()>& work);

  Cluster& cluster_;
  bool exact_;
  const std::atomic<bool>& stop_;
  std::function<void(const std::string&)> say_;
  std::span<float> part_;
  bool failed_elsewhere_ = false;
  bool lost_ = false;
};

}  // namespace charrnn
