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
};

}  // namespace charrnn
