#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace charrnn {

/// Where a training run stands: what a step moves on, and a resume goes on from.
struct Progress {
  std::uint64_t step = 0;        ///< optimiser steps taken
  std::uint64_t next_batch = 0;  ///< index of the next batch to train on
  std::uint64_t epoch = 0;       ///< of the last batch trained on, from 1; 0: none so far
  std::uint64_t characters = 0;  ///< trained on so far
  double seconds = 0.0;          ///< of training so far
  std::optional<double> train_loss = std::nullopt;  ///< of the last step, in nats
  double learning_rate = 0.0;  ///< of the last step; before the first one, of that
  std::optional<double> validation_loss =
      std::nullopt;  ///< of the weights after the last step, in nats, once they were validated
};

/// The step that a run ends with whose last batch is the one before `end_batch`: steps and batches
/// are counted apart once a run has gone on with batches of another size. The largest number stands
/// for a run without an end.
inline std::uint64_t last_step(std::uint64_t end_batch, const Progress& at) {
  if (end_batch == std::numeric_limits<std::uint64_t>::max()) return end_batch;
  return at.step + (end_batch > at.next_batch ? end_batch - at.next_batch : 0);
}

}  // namespace charrnn
