#pragma once

#include <cstdint>
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

}  // namespace charrnn
