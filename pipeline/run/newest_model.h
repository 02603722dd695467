#pragma once

#include "model/checkpoint/checkpoint.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// The newest checkpoint that verifies in the run directory, without its optimiser. Newer ones that
/// do not verify are told on standard error. Throws Error(kCheckpoint) when there is none.
Snapshot newest_model(const Config& config);

}  // namespace charrnn
