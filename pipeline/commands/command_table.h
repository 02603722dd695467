#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "pipeline/commands/command_line.h"
#include "pipeline/config/option.h"
#include "pipeline/run/stop_signal.h"

namespace charrnn {

/// A command of the program: all that parsing, help, completion and main() need to know of it.
struct Command {
  std::string name;
  std::string help;  ///< one line
  /// The keys of which at least one has to name text, the usual one first; none: it needs no text.
  std::vector<std::string> text_keys;
  /// The keys that matter to it, for `--help COMMAND`: whole sections and single keys.
  std::vector<std::string> keys;
  std::string examples;  ///< for `--help COMMAND`: lines of the shell, two blanks in front of each
  /// Does it. Writes data to standard output and messages to standard error. Throws the Error
  /// that ends the command.
  void (*run)(const Config& config, StopSignal& stop);
  /// The key that every further word on the command line is a value of; none: it takes no words.
  std::string operands = {};
};

/// Every command, in the order of the help; the first is the one that runs when none is named.
const std::vector<Command>& commands();

/// Whether a key matters to a command.
bool matters_to(const Command& command, const Option& option);

/// A flag: it prints something instead of running a command, or it sets a key.
struct Flag {
  /// How much of the command line has to be right before the flag is obeyed.
  enum class Needs { kNothing, kArguments, kConfig };

  std::string name;  ///< with its dashes
  std::string help;  ///< one line
  Needs needs = Needs::kNothing;
  std::string (*text)(const CommandLine& line);  ///< what is printed; null when it sets a key
  std::string sets = {};                         ///< the key that it sets to true
};

/// Every flag, in the order of the help.
const std::vector<Flag>& flags();

}  // namespace charrnn
