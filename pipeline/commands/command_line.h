#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/config/config.h"

namespace charrnn {

struct Command;
struct Flag;

/// A command line and everything that it and its configuration say.
struct CommandLine {
  const Command* command = nullptr;  ///< what to do; a row of commands(), never null
  bool names_command = false;        ///< whether it names `command`, or that is the default
  const Flag* flag = nullptr;        ///< what to print instead; null: nothing
  std::string config_file;           ///< as given; empty: none
  /// Read from all sources; the defaults when `flag` needs none.
  Config config;
  /// For every key: `default`, `FILE:LINE`, `environment NAME` or `command line`.
  std::map<std::string, std::string> origins;
  /// Lines for standard error: environment variables that name no key.
  std::vector<std::string> warnings;
};

/// Reads `[COMMAND] [--config FILE] [--section.key=value ...] [FLAG]`, without the program's name,
/// then the configuration from the file, the environment (`NAME=value` each) and the overrides; see
/// read_config(). Throws Error(kUsage) with all that is wrong with commands and flags, and
/// Error(kConfig) with all that is wrong with the configuration, or when the command needs text and
/// no key names any.
CommandLine parse_command_line(const std::vector<std::string>& arguments,
                               const std::vector<std::string>& environment);

/// The same for main(): its argc and argv, and `environ`.
CommandLine parse_command_line(int argc, const char* const* argv, const char* const* environment);

}  // namespace charrnn
