#pragma once

#include "model/checkpoint/checkpoint.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// Throws Error(kInput) when the configuration reads the training text in another order or in other
/// characters than the run that the checkpoint is of: the rest of its epoch would hold text again
/// and leave text out. `run.accept_changed_corpus` allows it.
void check_reading_order(const Checkpoint& checkpoint, const Config& config);

}  // namespace charrnn
