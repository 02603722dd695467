#pragma once

#include <atomic>
#include <string>

#include "corpus/corpus.h"
#include "model/published.h"
#include "nodes/ending.h"
#include "pipeline/config/config.h"
#include "pipeline/graph/stage_times.h"
#include "pipeline/run/backend_choice.h"
#include "pipeline/run/run_directory.h"
#include "pipeline/run/run_end.h"
#include "pipeline/run/run_nodes.h"
#include "pipeline/run/run_snapshots.h"
#include "pipeline/run/starting_point.h"
#include "pipeline/run/training_view.h"

namespace charrnn {

/// One run of a configuration: finds where it stands, trains through the graph until a limit or a
/// stop, and leaves the run directory so that the next one goes on bit for bit.
class Training {
 public:
  /// Locks the run directory, opens the corpus and the newest checkpoint, and publishes the weights
  /// that it begins with. `config`, `published` and `stop` are borrowed. `partners`: on several
  /// machines, of which this process is rank 0; null: on one. Throws Error: the corpus
  /// is missing, too small or changed, the checkpoint is of another network, no such device, ...
  Training(const Config& config, PublishedSnapshot& published, const std::atomic<bool>& stop,
           TrainingView view, std::shared_ptr<Partners> partners = nullptr);

  /// On several machines, collective with take_part(): tells the others where the run begins.
  void meet();

  /// Trains. Once. Throws Error when a stage failed; what was saved before is intact.
  TrainingEnd run();

  /// Where the run stands; exact when run() is not running.
  const Progress& progress() const { return nodes_.step->progress(); }

  /// The step that ends the run, as long as no limit of time comes first.
  std::uint64_t last_step() const { return charrnn::last_step(start_.end_batch, start_.progress); }

  /// What the stages did in this process.
  const StageTimes& times() const { return times_; }

  /// The digest of all batches, when the backend is `hash`.
  std::string digest() const;

  const Corpus& corpus() const { return *start_.corpus; }
  const NetworkShape& network() const { return start_.network; }
  const BackendChoice& choice() const { return start_.choice; }

  /// True when an earlier run was found to go on from.
  bool resumed() const { return start_.resumed; }

 private:
  TrainState prepare();
  void train();
  void train_or_save();
  bool trains() const { return !end_.finished(); }

  const Config& config_;
  TrainingView view_;
  RunDirectory directory_;
  StartingPoint start_;  // without its state, which the nodes have
  std::atomic<bool> never_{false};
  Ending ending_;
  StageTimes times_;
  RunSnapshots snapshots_;
  RunNodes nodes_;
  RunEnd end_;
};

}  // namespace charrnn
