#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_ops.h"
#include "corpus/vocabulary.h"
#include "model/network.h"
#include "model/progress.h"
#include "model/schedule.h"
#include "model/snapshot.h"

namespace charrnn {

/// A validation that was asked for but whose record is not in metrics.jsonl yet. Without a loss it
/// was cut off and has to be run again on `weights`; with one, as earlier versions of the program
/// left it, only its record has to be written.
struct PendingValidation {
  std::uint64_t step = 0;
  std::optional<double> loss;
  std::uint64_t characters = 0;            ///< that the loss is a mean of, when there is one
  std::shared_ptr<const Weights> weights;  ///< null when there is a loss
};

/// All that a run needs to go on as if it had never stopped.
struct Checkpoint {
  TrainState state;
  Progress progress;       ///< its step names the directory; its time stands in timing.json
  std::uint64_t seed = 0;  ///< of all random streams; their counters are (step, element)
  float dropout = 0.0F;
  ScheduleKind schedule = ScheduleKind::kConstant;  ///< of the learning rate
  std::string corpus_fingerprint;
  std::string config;  ///< resolved configuration, as config.ini
  Vocabulary vocabulary;
  std::optional<PendingValidation> pending_validation;
  std::vector<std::string> changes;  ///< of the training's settings during the run, a line each
};

/// The checkpoints of a run: `DIRECTORY/000000139/`, one directory each, published by a rename
/// after every byte is on disk. See docs/checkpoint-format.md. One writer at a time (the run's
/// lock); all file system calls of a write happen on the calling thread.
class CheckpointStore {
 public:
  /// So many of the newest good ones always stay: a damaged one has another behind it.
  static constexpr int kFewestKept = 2;

  /// `ops` is borrowed.
  explicit CheckpointStore(std::filesystem::path directory, FileOps& ops = system_file_ops());

  /// Publishes a checkpoint, then removes what is older than the newest `keep` good ones (never
  /// fewer than kFewestKept), except the best one when `keep_best` is set. One of the same step is
  /// replaced, or left alone when all but timing.json is equal. Returns a line for each old one
  /// that could not be removed. Throws Error(kIo) when the checkpoint was not published for
  /// certain; then the older ones are as before.
  std::vector<std::string> write(const Checkpoint& checkpoint, int keep,
                                 bool keep_best = false) const;

  /// The directory of a step's checkpoint, whether it is there or not.
  std::filesystem::path directory_of(std::uint64_t step) const;

  /// Steps of the checkpoints that are there, ascending; unverified. Throws Error(kIo) when there
  /// is a directory that cannot be listed.
  std::vector<std::uint64_t> steps() const;

  /// The newest checkpoint that verifies, or nothing when there is none at all. `warnings` gets a
  /// line for each newer one that was passed over. Throws Error(kCheckpoint) when there are some
  /// but none verifies.
  std::optional<Checkpoint> newest(std::vector<std::string>* warnings = nullptr) const;

  /// The same, without optimiser and carried state.
  std::optional<Snapshot> newest_model(std::vector<std::string>* warnings = nullptr) const;

  /// Steps of the checkpoints that know their validation loss, the best one, with the lowest, last;
  /// of equal ones the older is better. Only their state.json has been verified. Throws Error(kIo)
  /// as steps() does.
  std::vector<std::uint64_t> steps_by_loss() const;

  /// The best checkpoint that verifies, as newest_model(); nothing when none knows its validation
  /// loss.
  std::optional<Snapshot> best_model(std::vector<std::string>* warnings = nullptr) const;

  /// The checkpoint of this step, likewise. Throws Error(kCheckpoint) when there is none that
  /// verifies.
  Snapshot model(std::uint64_t step) const;

  /// Removes left-over temporary directories. Throws Error(kIo).
  void remove_leftovers() const;

 private:
  std::filesystem::path directory_;
  FileOps* ops_;
};

/// Reads one checkpoint directory, whatever its name; trusts nothing in it. Throws
/// Error(kCheckpoint), also when a number of a tensor is not finite.
Checkpoint read_checkpoint(const std::filesystem::path& directory,
                           FileOps& ops = system_file_ops());

/// The validation loss (nats) that a checkpoint tells of its weights; nothing when they were not
/// validated, or by a program that did not write it down. Throws Error(kCheckpoint).
std::optional<double> read_validation_loss(const std::filesystem::path& directory,
                                           FileOps& ops = system_file_ops());

/// The weights in a bare safetensors file with PyTorch's names and this network's sizes. Throws
/// Error(kCheckpoint) naming the first tensor that is missing, strange, of another size or not
/// finite.
Weights read_weights(const std::filesystem::path& file, const NetworkShape& shape);

/// A checkpoint without optimiser and carried state: their files are not even read. It was created
/// when its manifest was written.
Snapshot read_model(const std::filesystem::path& directory, FileOps& ops = system_file_ops());

}  // namespace charrnn
