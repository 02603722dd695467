#pragma once

#include <string>
#include <vector>

#include "model/checkpoint/checkpoint.h"

namespace charrnn {

/// Publishes checkpoints on disk, on the one thread that writes. A failed write is counted and
/// told, and the training goes on: the checkpoints before it are intact.
class Checkpointer {
 public:
  /// `store` is borrowed. `keep`: how many of the newest stay.
  Checkpointer(const CheckpointStore& store, int keep) : store_(store), keep_(keep) {}

  /// What became of a write.
  struct Outcome {
    std::uint64_t step = 0;
    bool written = false;
    std::string error;                  ///< why it was not written
    std::vector<std::string> warnings;  ///< of what is not as it should be though it was written
    double seconds = 0.0;
  };

  Outcome operator()(const Checkpoint& checkpoint);

  /// Step of the newest checkpoint that was written, 0 when there was none.
  std::uint64_t newest() const { return newest_; }
  std::uint64_t failures() const { return failures_; }

 private:
  const CheckpointStore& store_;
  int keep_;
  std::uint64_t newest_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace charrnn
