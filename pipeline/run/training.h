#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "corpus/corpus.h"
#include "model/backend.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/run_lock.h"
#include "model/published.h"
#include "nodes/checkpointer.h"
#include "nodes/ending.h"
#include "nodes/metrics_log.h"
#include "nodes/recorder.h"
#include "nodes/train_step.h"
#include "nodes/validator.h"
#include "pipeline/config/config.h"
#include "pipeline/graph/graph.h"
#include "pipeline/graph/stage_times.h"
#include "pipeline/graph/worker.h"
#include "pipeline/run/backend_choice.h"
#include "pipeline/run/starting_point.h"

namespace charrnn {

/// What a training tells while it runs; every member may be empty. Called on the thread that the
/// event comes from; must be quick.
struct TrainingView {
  std::function<void(const std::string&)> message;  ///< a line for the user
  std::function<void(const StepReport&)> step;
  std::function<void(const ValidationResult&)> validation;
  std::function<void(const Checkpointer::Outcome&)> checkpoint;
};

/// Why a training is over.
enum class TrainingEnd {
  kFinished,  ///< a limit was reached (now or in an earlier run); it has been validated and saved
  kStopped    ///< on request; the same command goes on from here
};

/// One run of a configuration: finds where it stands, trains through the graph until a limit or a
/// stop, and leaves the run directory so that the next one goes on bit for bit.
class Training {
 public:
  /// Locks the run directory, opens the corpus and the newest checkpoint, and publishes the weights
  /// that it begins with. `config`, `published` and `stop` are borrowed. Throws Error: the corpus
  /// is missing, too small or changed, the checkpoint is of another network, no such device, ...
  Training(const Config& config, PublishedSnapshot& published, const std::atomic<bool>& stop,
           TrainingView view);
  ~Training();

  /// Trains. Once. Throws Error when a stage failed; what was saved before is intact.
  TrainingEnd run();

  /// Where the run stands; exact when run() is not running.
  const Progress& progress() const { return progress_; }

  /// Batches that end the run, over all epochs.
  std::uint64_t end_batch() const { return step_options_.end_batch; }

  /// What the stages did in this process.
  const StageTimes& times() const { return times_; }

  /// The digest of all batches, when the backend is `hash`.
  std::string digest() const;

  const Corpus& corpus() const { return *corpus_; }
  const NetworkShape& network() const { return network_; }
  const BackendChoice& choice() const { return choice_; }

  /// True when an earlier run was found to go on from.
  bool resumed() const { return resumed_; }

 private:
  TrainState take(StartingPoint start);
  void set_options(bool validates, std::uint64_t end_batch);
  void start(const TrainState& state);
  bool finished() const;
  void publish(const Progress& at, std::shared_ptr<const Weights> weights);
  std::shared_ptr<const Checkpoint> make_checkpoint(TrainState state, const Progress& at) const;
  void train();
  std::optional<ValidationResult> validate(const ValidationRequest& request);
  bool finish_pending();
  TrainingEnd end();
  bool carry_over(const std::optional<Recorder::Pending>& open);
  void validate_last();
  void save_after_failure();
  void save();
  void say(const std::string& line) const;

  const Config& config_;
  PublishedSnapshot& published_;
  const std::atomic<bool>& stop_;
  TrainingView view_;
  Ending ending_;

  std::filesystem::path directory_;
  std::unique_ptr<RunLock> lock_;
  std::shared_ptr<const Corpus> corpus_;
  std::shared_ptr<const Corpus> validation_corpus_;
  std::string fingerprint_;
  std::shared_ptr<const Vocabulary> vocabulary_;
  NetworkShape network_;
  Lanes lanes_;
  Lanes validation_lanes_;
  CheckpointStore store_;
  TrainStepOptions step_options_;
  RecorderOptions recorder_options_;
  Progress progress_;
  std::optional<PendingValidation> pending_;
  std::optional<double> validation_loss_;  // newest known
  std::uint64_t saved_step_ = 0;
  bool resumed_ = false;
  BackendChoice choice_;

  StageTimes times_;
  std::unique_ptr<MetricsLog> log_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Checkpointer> checkpointer_;
  Worker disk_;
  Worker compute_;
  std::unique_ptr<Backend> backend_;  // made and destroyed on the compute thread
  std::unique_ptr<Validator> validator_;
  std::unique_ptr<TrainStep> step_;
};

}  // namespace charrnn
