#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/config/option.h"

namespace charrnn {

/// A section of the configuration file and what it is about.
struct SectionInfo {
  std::string name;
  std::string about;
};

/// The sections, in the order in which help and files show them.
const std::vector<SectionInfo>& sections();

/// Every key of the configuration, section by section: the one place that parsing, checking,
/// `--help`, `--print-config`, configs/reference.ini and shell completion are made from.
const std::vector<Option>& options_table();

/// The option of a key `section.key`, or null when there is none.
const Option* find_option(std::string_view key);

/// The environment variable that sets a key: `CHARRNN_SECTION_KEY`.
std::string environment_name(const Option& option);

}  // namespace charrnn
