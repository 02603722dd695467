#include "base/cache_folder.h"

#include <pwd.h>
#include <unistd.h>
#include <xxhash.h>

#include <cstdlib>

namespace charrnn {

std::filesystem::path default_cache_folder() {
  constexpr const char* kName = "charrnn_pipeline";
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache != '\0') return std::filesystem::path(cache) / kName;
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    const passwd* const user = getpwuid(getuid());
    home = user == nullptr ? nullptr : user->pw_dir;
  }
  if (home == nullptr || *home == '\0') return {};
  return std::filesystem::path(home) / ".cache" / kName;
}

std::string content_name(std::string_view content) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(content.data(), content.size()));
  std::string hex;
  for (const unsigned char byte : canonical.digest) {
    hex.push_back("0123456789abcdef"[byte >> 4]);
    hex.push_back("0123456789abcdef"[byte & 15]);
  }
  return hex;
}

}  // namespace charrnn
