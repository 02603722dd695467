#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace charrnn {

/// The nearest folder above `path`, or `path` itself, that is there.
std::filesystem::path nearest_existing(const std::filesystem::path& path);

/// Bytes that this process may still write below `path`, which need not exist yet; nothing when the
/// file system does not tell.
std::optional<std::uint64_t> free_bytes(const std::filesystem::path& path);

}  // namespace charrnn
