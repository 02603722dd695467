#pragma once

#include <string>

namespace charrnn {

/// What `--completion-bash`, `--completion-zsh` and `--completion-fish` print: a script that
/// completes commands, flags, keys, the words that a key takes, and names of files.
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace charrnn
