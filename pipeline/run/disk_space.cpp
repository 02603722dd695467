#include "pipeline/run/disk_space.h"

#include <fmt/format.h>

#include <system_error>

#include "base/readable_number.h"

namespace charrnn {

namespace fs = std::filesystem;

fs::path nearest_existing(const fs::path& path) {
  std::error_code error;
  fs::path at = fs::absolute(path, error).lexically_normal();
  while (!fs::exists(at, error) && at.has_relative_path()) at = at.parent_path();
  return at;
}

std::optional<std::uint64_t> free_bytes(const fs::path& path) {
  std::error_code error;
  const fs::space_info space = fs::space(nearest_existing(path), error);
  if (error) return std::nullopt;
  return space.available;
}

std::uint64_t checkpoint_bytes(const NetworkShape& network, int rows,
                               const OptimizerOptions& optimizer) {
  const std::uint64_t tensors = 1 + slot_names(optimizer).size();
  const auto states = static_cast<std::uint64_t>(describe(network.cell).state_count());
  const std::uint64_t carried = states * static_cast<std::uint64_t>(network.layers) *
                                static_cast<std::uint64_t>(rows) *
                                static_cast<std::uint64_t>(network.hidden);
  return sizeof(float) * (tensors * parameter_count(network) + carried) + 16384 +
         24 * static_cast<std::uint64_t>(network.vocabulary);
}

std::optional<std::string> little_space(const fs::path& directory, std::uint64_t checkpoint,
                                        const std::optional<std::uint64_t>& free) {
  if (!free || *free >= 2 * checkpoint) return std::nullopt;
  return fmt::format(
      "{} are free in {}, and a checkpoint takes {}: a new one is written before an "
      "old one goes. Make room",
      size_text(*free), directory.string(), size_text(checkpoint));
}

}  // namespace charrnn
