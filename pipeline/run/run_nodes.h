#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "model/backend.h"
#include "nodes/checkpointer.h"
#include "nodes/ending.h"
#include "nodes/recorder.h"
#include "nodes/train_step.h"
#include "nodes/validator.h"
#include "pipeline/graph/worker.h"
#include "pipeline/run/run_directory.h"
#include "pipeline/run/run_snapshots.h"
#include "pipeline/run/starting_point.h"
#include "pipeline/run/training_view.h"

namespace charrnn {

/// When validations are due besides the run's end.
Pace validation_pace(const Config& config, const StartingPoint& start);

/// What the train step is told of a configuration.
TrainStepOptions train_step_options(const Config& config, const StartingPoint& start);

/// The nodes that a run keeps from its beginning to its end, and their threads. The backend and
/// what uses it belong to `compute`, the checkpointer to `disk`.
class RunNodes {
 public:
  /// Starts from `state` and publishes its weights. All but `state` and `config` are borrowed;
  /// `stop` true: a validation is cut off. Throws as make_backend() does.
  RunNodes(const Config& config, const StartingPoint& start, const TrainState& state,
           RunDirectory& directory, RunSnapshots& snapshots, Ending& ending,
           const std::atomic<bool>& stop, const TrainingView& view);
  ~RunNodes();
  RunNodes(const RunNodes&) = delete;
  RunNodes& operator=(const RunNodes&) = delete;

  Worker disk{"disk"};
  Worker compute{"compute"};
  Recorder recorder;
  Checkpointer checkpointer;
  std::unique_ptr<Backend> backend;
  std::optional<Validator> validator;  ///< there from construction to destruction, as the next one
  std::optional<TrainStep> step;

 private:
  void make_step(const Config& config, const StartingPoint& start, RunSnapshots& snapshots,
                 Ending& ending);
};

}  // namespace charrnn
