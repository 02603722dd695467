#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "base/running_clock.h"
#include "model/backend.h"
#include "model/published.h"
#include "model/schedule.h"
#include "nodes/ending.h"
#include "nodes/pace.h"
#include "nodes/stages.h"

namespace charrnn {

/// What the train step does besides training.
struct TrainStepOptions {
  std::uint64_t seed = 0;  ///< of all random streams
  float dropout = 0.0F;
  ScheduleOptions schedule;  ///< of the learning rate
  float clip = 5.0F;
  std::uint64_t end_batch = 0;         ///< the run ends when this many batches were trained on
  double max_seconds = 0.0;            ///< ... or after this much time of training; 0: no limit
  Pace validation;                     ///< when it is due besides the run's end
  Pace checkpoint;                     ///< likewise
  bool validates = true;               ///< false when the text is too short for a validation
  StepAgreement* agreement = nullptr;  ///< borrowed; null on one machine

  /// True when the run has reached a limit.
  bool end_run(const Progress& at) const {
    return at.next_batch >= end_batch || (max_seconds > 0 && at.seconds >= max_seconds);
  }
};

/// Throws Error(kDiverged) when a weight is NaN or infinite: nobody may score, serve or save it.
void require_finite(const Weights& weights, std::uint64_t step);

/// The only writer of weights: trains on each batch, and takes snapshots after the steps that ask
/// for a validation or a checkpoint. After the run's last step it asks for neither: whoever ran the
/// graph ends the run with both.
class TrainStep : public Trainer {
 public:
  /// Fills in what a checkpoint holds besides the training's own state.
  using CheckpointMaker = std::function<std::shared_ptr<Checkpoint>(TrainState, const Progress&)>;
  using Publisher = std::function<void(const Progress&, std::shared_ptr<const Weights>)>;

  /// `backend`, `ending` and the callables' captures are borrowed. Once `ending` has
  /// come, batches pass through untrained; it is told here that a limit was reached.
  TrainStep(Backend& backend, const TrainStepOptions& options, const Progress& progress,
            Ending& ending, CheckpointMaker make_checkpoint, Publisher publish);

  std::shared_ptr<const DeviceBatch> transfer(Batch batch) override;
  void begin(std::shared_ptr<const DeviceBatch> batch) override;

  /// Throws Error(kDiverged) when the step's loss is not a number, or a weight of a snapshot is not
  /// finite.
  StepDone end() override;

  /// None where this step's result decides more than a record, or where the backend has done the
  /// whole step already.
  std::size_t stay_begun(const Batch& batch) const override;
  bool asks_for_validation(const Batch& batch) const override;

  const Progress& progress() const { return progress_; }

 private:
  /// Whether one is due after the step on this batch.
  bool validates_after(std::uint64_t step, std::uint64_t batches) const {
    return options_.validates && options_.validation.due(step, batches);
  }
  /// A step between begin() and end(); nothing to wait for when its batch passes through.
  struct Begun {
    std::shared_ptr<const DeviceBatch> batch;
    BegunStep result;
    double learning_rate = 0.0;
    RunningClock::time_point at;
  };
  /// The step that a batch is trained on in.
  std::uint64_t step_of(const Batch& batch) const { return batch.index + 1 - batches_ahead_; }
  double learning_rate(std::uint64_t step) const;
  StepReport report(const Begun& begun);
  void take_snapshot(StepDone& done, bool validate);

  Backend& backend_;
  TrainStepOptions options_;
  Progress progress_;
  std::uint64_t batches_ahead_;  // of the steps, modulo 2^64
  Ending& ending_;
  CheckpointMaker make_checkpoint_;
  Publisher publish_;
  std::deque<Begun> begun_;
  std::optional<RunningClock::time_point> origin_;  // when `seconds` was 0
  RunningClock::time_point last_end_{};             // of a step
};

}  // namespace charrnn
