#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "pipeline/config/config.h"
#include "pipeline/run/run_directory.h"
#include "pipeline/run/run_nodes.h"
#include "pipeline/run/run_snapshots.h"
#include "pipeline/run/starting_point.h"
#include "pipeline/run/training_view.h"

namespace charrnn {

/// Why a training run is over.
enum class TrainingEnd {
  kFinished,  ///< a limit was reached (now or in an earlier run); it has been validated and saved
  kStopped    ///< on request; the same command goes on from here
};

/// What a run does outside of the graph: it finishes the validation that an earlier run left, and
/// leaves the run directory so that the next run goes on bit for bit.
class RunEnd {
 public:
  /// All are borrowed; `start` is read here alone.
  RunEnd(const Config& config, const StartingPoint& start, RunDirectory& directory,
         RunSnapshots& snapshots, RunNodes& nodes, const std::atomic<bool>& stop,
         const TrainingView& view);

  /// True when a limit of the configuration was reached.
  bool finished() const;

  /// A validation that was asked for, and whose record is still to be written.
  const std::optional<PendingValidation>& pending() const { return pending_; }

  /// Finishes the pending validation. False when that was cut off. Throws Error.
  bool finish_pending();

  /// After the graph: validates what a finished run has learned, and saves. Throws Error.
  TrainingEnd end();

  /// What a run that diverged has left to go on from, for the user.
  std::string what_is_saved() const;

  /// After a stage failed: saves what has been trained, and tells whether that worked.
  void save_after_failure(const std::string& failure);

 private:
  const Progress& progress() const { return nodes_.step->progress(); }
  std::optional<ValidationResult> validate(const ValidationRequest& request);
  void validate_last();
  void carry_over(const std::optional<ValidationRequest>& open);
  /// Put together from all ranks, when there are several.
  TrainState state();
  void save(TrainState state);
  void save_what_was_trained();
  void say(const std::string& line) const;

  const Config& config_;
  TrainStepOptions options_;
  std::uint64_t first_step_;
  std::optional<PendingValidation> pending_;
  std::shared_ptr<Partners> partners_;  // null on one machine
  RunDirectory& directory_;
  RunSnapshots& snapshots_;
  RunNodes& nodes_;
  const std::atomic<bool>& stop_;
  const TrainingView& view_;
};

}  // namespace charrnn
