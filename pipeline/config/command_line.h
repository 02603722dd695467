#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/config/config.h"

namespace charrnn {

/// What the program is asked to do.
enum class Command { kRun, kTrain, kGenerate, kEvaluate, kServe, kPlan, kInspect };

/// What is printed instead of doing it.
enum class Show { kNothing, kHelp, kVersion, kConfig, kReference, kCompletion };

/// A command, its name and a line about it, in the order of the help.
struct CommandInfo {
  Command command;
  std::string name;
  std::string about;
};
const std::vector<CommandInfo>& commands();

/// A flag that asks for something to be printed: its name with dashes and a line about it.
struct FlagInfo {
  Show show;
  std::string name;
  std::string about;
};
const std::vector<FlagInfo>& flags();

/// A command line and everything that it and its configuration say.
struct CommandLine {
  Command command = Command::kRun;
  Show show = Show::kNothing;
  std::string config_file;  ///< as given; empty: none
  /// Read from all sources; the defaults when `show` asks for something that needs none.
  Config config;
  /// For every key: `default`, `FILE:LINE`, `environment NAME` or `command line`.
  std::map<std::string, std::string> origins;
  /// Lines for standard error: environment variables that name no key.
  std::vector<std::string> warnings;
};

/// Reads `[COMMAND] [--config FILE] [--section.key=value ...] [FLAG]`, without the program's name,
/// then the configuration from the file, the environment (`NAME=value` each) and the overrides; see
/// read_config(). Throws Error(kUsage) with all that is wrong with commands and flags, and
/// Error(kConfig) with all that is wrong with the configuration, or when the command needs a corpus
/// and none is named.
CommandLine parse_command_line(const std::vector<std::string>& arguments,
                               const std::vector<std::string>& environment);

/// The same for main(): its argc and argv, and `environ`.
CommandLine parse_command_line(int argc, const char* const* argv, const char* const* environment);

}  // namespace charrnn
