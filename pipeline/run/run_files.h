#pragma once

#include <filesystem>

#include "pipeline/config/config.h"

namespace charrnn {

/// Makes `directory` with its `checkpoints` folder when missing, and returns it. Throws Error(kIo)
/// when it cannot be made or written to.
std::filesystem::path make_run_directory(const std::filesystem::path& directory);

/// Writes the resolved configuration as `config.ini` into a run directory, and removes what a
/// killed run was writing there. For the holder of the run's lock. Throws Error(kIo).
void write_config(const std::filesystem::path& directory, const Config& config);

}  // namespace charrnn
