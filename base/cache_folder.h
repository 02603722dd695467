#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace charrnn {

/// The user's cache folder for this program: $XDG_CACHE_HOME or ~/.cache, and the program's name.
/// Empty when there is no home.
std::filesystem::path default_cache_folder();

/// 32 hexadecimal digits of the XXH3-128 of `content`: names in the cache.
std::string content_name(std::string_view content);

}  // namespace charrnn
