#pragma once

#include <functional>

#include "nodes/stages.h"

namespace charrnn {

/// Publishes checkpoints on disk, on the one thread that writes. A failed write is counted and
/// told, and the training goes on: the checkpoints before it are intact.
class Checkpointer : public CheckpointWriter {
 public:
  using Outcome = CheckpointOutcome;

  /// `store` is borrowed. `keep`: how many of the newest stay; with `keep_best` the best one stays
  /// too. `on_outcome` (may be empty) is told of every write.
  Checkpointer(const CheckpointStore& store, int keep, bool keep_best,
               std::function<void(const Outcome&)> on_outcome = {})
      : store_(store), keep_(keep), keep_best_(keep_best), on_outcome_(std::move(on_outcome)) {}

  Outcome write(const Checkpoint& checkpoint) override;

  /// Step of the newest checkpoint that was written, 0 when there was none.
  std::uint64_t newest() const { return newest_; }
  std::uint64_t failures() const { return failures_; }

 private:
  const CheckpointStore& store_;
  int keep_;
  bool keep_best_;
  std::function<void(const Outcome&)> on_outcome_;
  std::uint64_t newest_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace charrnn
