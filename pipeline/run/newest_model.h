#pragma once

#include <memory>

#include "model/checkpoint/checkpoint.h"
#include "model/published.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// The newest checkpoint that verifies in the run directory, without its optimiser. Newer ones that
/// do not verify are told on standard error. Throws Error(kCheckpoint) when there is none.
Model newest_model(const Config& config);

/// The same as a snapshot that can be published.
std::shared_ptr<const Snapshot> snapshot_of(const Model& model);

}  // namespace charrnn
