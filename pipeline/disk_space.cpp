#include "pipeline/disk_space.h"

#include <system_error>

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

}  // namespace charrnn
