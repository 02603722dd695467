#pragma once

#include <filesystem>

#include "model/checkpoint/checkpoint.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// The model that `run.checkpoint` chooses in the run directory, without its optimiser. Newer or
/// better ones that do not verify are told on standard error. Throws Error(kCheckpoint) when there
/// is none, and says which ones there are.
Snapshot run_model(const Config& config);

/// The same in another run directory, for train.initial_weights.
Snapshot run_model(const Config& config, const std::filesystem::path& run_directory);

}  // namespace charrnn
