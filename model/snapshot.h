#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "corpus/vocabulary.h"
#include "model/network.h"

namespace charrnn {

/// A model as it is after one step of a run, with what it takes to generate, serve or score with
/// it. Readers share it while training goes on with weights of its own.
struct Snapshot {
  std::uint64_t step = 0;
  NetworkShape network;
  std::shared_ptr<const Weights> weights;
  std::shared_ptr<const Vocabulary> vocabulary;
  std::optional<double> train_loss;       ///< of this step, nats
  std::optional<double> validation_loss;  ///< the newest when it was published, nats
  std::uint64_t epoch = 0;                ///< of the last batch trained on, from 1; 0: none
  std::uint64_t characters = 0;           ///< trained on so far
  std::optional<std::int64_t> created;    ///< when it came to be, in seconds since 1970, if known
};

}  // namespace charrnn
