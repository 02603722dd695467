#pragma once

#include <atomic>
#include <limits>
#include <memory>

#include "model/checkpoint/checkpoint.h"
#include "model/published.h"
#include "pipeline/config/config.h"
#include "pipeline/run/starting_point.h"

namespace charrnn {

/// What is frozen of a run while it trains: snapshots for serving and checkpoints for the disk.
class RunSnapshots {
 public:
  /// All are borrowed.
  RunSnapshots(const Config& config, const StartingPoint& start, PublishedSnapshot& published);

  /// Publishes weights for serving. From one thread at a time.
  void publish(const Progress& at, std::shared_ptr<const Weights> weights);

  /// A checkpoint of a state. From any thread.
  Checkpoint checkpoint(TrainState state, const Progress& at) const;

  /// What is published from now on tells this validation loss (nats). From any thread.
  void validated(double loss) { validation_loss_ = loss; }

 private:
  const Config& config_;
  const StartingPoint& start_;
  PublishedSnapshot& published_;
  std::shared_ptr<const Vocabulary> vocabulary_;
  std::atomic<double> validation_loss_{std::numeric_limits<double>::quiet_NaN()};  // none so far
};

}  // namespace charrnn
