#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/config/config_reader.h"
#include "pipeline/config/mistakes.h"

namespace charrnn {

/// A value for a key, as it was written somewhere; the key need not exist.
struct Setting {
  std::string key;
  std::string value;   ///< paths already relative to the working directory
  std::string place;   ///< for mistakes: FILE:LINE, the variable, or `--section.key`
  std::string origin;  ///< for --print-config
  int line = 0;        ///< of the file; 0: not in a file
};

/// The settings of one source, in its order.
using Settings = std::vector<Setting>;

/// The settings of an INI file; none when `path` is empty. Adds what cannot be read and unknown
/// sections to `mistakes`. Throws Error(kConfig) when there is no such file.
Settings file_settings(const std::filesystem::path& path, Mistakes& mistakes);

/// The settings of `NAME=value` variables whose names are those of keys; an empty value sets
/// nothing. Adds a line to `warnings` for each other CHARRNN_* variable.
Settings environment_settings(const std::vector<std::string>& environment,
                              std::vector<std::string>& warnings);

/// The settings of the command line; of a key that is no list, the last only.
Settings command_line_settings(const std::vector<Override>& overrides);

}  // namespace charrnn
