#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "model/network.h"

namespace charrnn {

/// The nearest folder above `path`, or `path` itself, that is there.
std::filesystem::path nearest_existing(const std::filesystem::path& path);

/// Bytes that this process may still write below `path`, which need not exist yet; nothing when the
/// file system does not tell.
std::optional<std::uint64_t> free_bytes(const std::filesystem::path& path);

/// Bytes that a checkpoint of a network with `rows` rows and this optimiser's slots takes: its
/// numbers, and room for headers, JSON and the configuration.
std::uint64_t checkpoint_bytes(const NetworkShape& network, int rows,
                               const OptimizerOptions& optimizer);

/// A line about a run directory whose disk has room for fewer than two checkpoints: a new one is
/// written before an old one goes. Nothing when there is room, or nobody knows.
std::optional<std::string> little_space(const std::filesystem::path& directory,
                                        std::uint64_t checkpoint,
                                        const std::optional<std::uint64_t>& free);

}  // namespace charrnn
