#pragma once

#include <string>

namespace charrnn {

/// What `--help` prints: examples first, then commands, flags and every key.
std::string help_text();

/// What `--completion-bash` prints: a completion for bash of commands, flags, keys and choices.
std::string bash_completion();

}  // namespace charrnn
