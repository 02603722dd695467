#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace charrnn {

/// The longest head (request line and header) of an HTTP request, and the most lines in it.
inline constexpr std::size_t kLongestHead = 8 * 1024;
inline constexpr std::size_t kMostHeaderLines = 64;

/// True when a connection that begins with this line speaks HTTP, and not the plain protocol: it
/// names a method and a path, or an HTTP version.
bool is_http_line(std::string_view line);

/// The bytes of the head at the beginning of `input`, with its empty line; nothing when that has
/// not come yet. Takes a line that ends in LF alone as ended, so that it can be refused.
std::optional<std::size_t> head_size(std::string_view input);

/// What makes a head dangerous to believe, because another reader could see other borders of the
/// request in it (request smuggling); nothing when it is sound. Stricter than the library's parser.
std::optional<std::string> framing_fault(std::string_view head);

}  // namespace charrnn
