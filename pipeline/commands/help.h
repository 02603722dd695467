#pragma once

#include <string>

namespace charrnn {

struct Command;

/// What `--help` prints: examples first, then commands, flags and sections.
std::string help_text();

/// What `--help COMMAND` prints: examples, then the keys that matter to the command.
std::string command_help(const Command& command);

/// What holds for every command: what replaces what in a configuration, and the exit codes.
extern const char* const kAfterwards;

}  // namespace charrnn
