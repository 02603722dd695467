#pragma once

#include <memory>
#include <optional>

#include "nodes/messages.h"
#include "pipeline/graph/stage_runner.h"

namespace charrnn {

/// What travels on the graph's arrows: the nodes' messages (nodes/messages.h), shared, and with
/// them what only the graph has to know.
using TextMessage = std::shared_ptr<TextStripe>;
using SymbolMessage = std::shared_ptr<SymbolStripe>;
using BatchMessage = std::shared_ptr<Batch>;
using DeviceMessage = std::shared_ptr<const DeviceBatch>;
using CheckpointMessage = std::shared_ptr<const Checkpoint>;

/// step_done -> validator. A snapshot that goes on to disk too brings its batch's credit back from
/// there.
struct ValidateJob {
  ValidationRequest request;
  int credit = 1;
};

/// validator -> validated.
struct Validated {
  OutcomeMessage<std::optional<ValidationResult>> outcome;
  int credit = 1;
};

}  // namespace charrnn
