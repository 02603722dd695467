#pragma once

#include <string>

namespace charrnn {

/// What `--version` prints: this program's version and those of all libraries, a line each.
std::string version_text();

}  // namespace charrnn
