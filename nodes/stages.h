#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "nodes/messages.h"

namespace charrnn {

// What the graph calls behind its source: an interface for each part of a run. Those who implement
// them know nothing of the graph.

/// What learns from batches. All but transfer() belong to the compute thread.
class Trainer {
 public:
  virtual ~Trainer() = default;

  /// Brings a batch to the device. One call at a time; steps go on meanwhile.
  virtual std::shared_ptr<const DeviceBatch> transfer(Batch batch) = 0;

  /// Begins a step on a batch, behind others that may not have ended.
  virtual void begin(std::shared_ptr<const DeviceBatch> batch) = 0;

  /// Ends the step that was begun first.
  virtual StepDone end() = 0;

  /// How many steps, this batch's the last of them, may stay begun while the next one is awaited.
  virtual std::size_t stay_begun(const Batch& batch) const = 0;

  /// True when the step after this batch asks for a validation: it begins only when the one before
  /// has ended, so that a result takes effect at the same step however long it took.
  virtual bool asks_for_validation(const Batch& batch) const = 0;
};

/// What the machines of a run settle together after each step. On one machine there is none.
class StepAgreement {
 public:
  virtual ~StepAgreement() = default;

  struct Settled {
    double seconds = 0.0;  ///< of training, by the clock of the first machine
    bool ends = false;     ///< whether any machine was asked to stop
  };

  /// Called behind every step, on the compute thread. `seconds`: by this machine's clock.
  virtual Settled after_step(double seconds) = 0;
};

/// What scores snapshots: one validation at a time, a batch a call, so that steps get their turns
/// in between. Belongs to the validation's thread.
class SnapshotScorer {
 public:
  virtual ~SnapshotScorer() = default;

  /// Begins with a snapshot; drops a validation that has not ended.
  virtual void begin(ValidationRequest request) = 0;

  /// Scores the next batch. False when the validation has ended: then result() tells how.
  virtual bool advance() = 0;

  /// The result; nothing when the validation was cut off.
  virtual std::optional<ValidationResult> result() const = 0;
};

/// Where the order of a run is settled. One call at a time.
class RunRecord {
 public:
  using Checkpoints = std::vector<std::shared_ptr<const Checkpoint>>;

  virtual ~RunRecord() = default;

  /// Records a step. Returns the checkpoints that may be published now, in order.
  virtual Checkpoints step(const StepDone& done) = 0;

  /// Records the result of a validation that a step asked for. Returns as step() does.
  virtual Checkpoints validated(const ValidationResult& result) = 0;
};

/// What publishes checkpoints. Belongs to the disk's thread.
class CheckpointWriter {
 public:
  virtual ~CheckpointWriter() = default;

  /// Publishes a checkpoint. That it cannot be written is told in the outcome, and ends no run.
  virtual CheckpointOutcome write(const Checkpoint& checkpoint) = 0;
};

}  // namespace charrnn
