#pragma once

#include <string>
#include <vector>

namespace charrnn {

/// A request's head with a Host and these further lines.
std::string head_of(const std::string& lines, const std::string& first = "POST / HTTP/1.1");

/// Heads in which another reader could see other borders of the request than we do, or whose lines
/// are not sound.
std::vector<std::string> unsound_heads();

}  // namespace charrnn
