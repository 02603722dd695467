#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "pipeline/commands/command_line.h"
#include "pipeline/run/stop_signal.h"

namespace charrnn {

/// A command of the program: all that parsing, help, completion and main() need to know of it.
struct Command {
  std::string name;
  std::string help;  ///< one line
  /// The keys of which at least one has to name text, the usual one first; none: it needs no text.
  std::vector<std::string> text_keys;
  /// Does it. Writes data to standard output and messages to standard error. Returns the exit code,
  /// or throws the Error that ends the command.
  void (*run)(const Config& config, StopSignal& stop);
};

/// Every command, in the order of the help; the first is the one that runs when none is named.
const std::vector<Command>& commands();

/// A flag that prints something instead of running a command.
struct Flag {
  /// How much of the command line has to be right before the flag is obeyed.
  enum class Needs { kNothing, kArguments, kConfig };

  std::string name;  ///< with its dashes
  std::string help;  ///< one line
  Needs needs = Needs::kNothing;
  std::string (*text)(const CommandLine& line);  ///< what is printed
};

/// Every flag, in the order of the help.
const std::vector<Flag>& flags();

}  // namespace charrnn
