#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pipeline/config/config.h"

namespace charrnn {

/// A `--section.key=value` of the command line.
struct Override {
  std::string key;
  std::string value;
};

/// Where a configuration comes from, weakest first.
struct ConfigSources {
  std::filesystem::path file;            ///< INI; empty: none
  std::vector<std::string> environment;  ///< `NAME=value`; only CHARRNN_* are looked at
  std::vector<Override> overrides;       ///< of the command line; the last of a key counts
};

/// A configuration, and where each value comes from.
struct ReadConfig {
  Config config;
  /// For every key: `default`, `FILE:LINE`, `environment NAME` or `command line`.
  std::map<std::string, std::string> origins;
  /// What is odd but harmless, a line each: environment variables that name no key.
  std::vector<std::string> warnings;
};

/// Reads and checks a configuration. Paths become relative to the working directory as the file's
/// own folder demands; run.directory is never empty afterwards. A list of the environment has a
/// value a line. Throws Error(kConfig) with all mistakes of all sources, each with its place and a
/// suggestion, or when the file cannot be read.
ReadConfig read_config(const ConfigSources& sources);

}  // namespace charrnn
