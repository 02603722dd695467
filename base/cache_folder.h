#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace charrnn {

/// The user's cache folder for this program: $XDG_CACHE_HOME or ~/.cache, and the program's name.
/// Empty when there is no home.
std::filesystem::path default_cache_folder();

/// Writes a file as a whole or not at all: to a temporary name beside it, then renamed. Throws
/// Error(kIo) naming it; nothing is left behind then.
void write_whole_file(const std::filesystem::path& file, std::string_view content);

/// 32 hexadecimal digits of the XXH3-128 of `content`: names in the cache.
std::string content_name(std::string_view content);

}  // namespace charrnn
