#pragma once

#include <map>
#include <string>

#include "pipeline/config/config.h"

namespace charrnn {

/// The resolved configuration as an INI file with every key, as a run keeps it in the config.ini of
/// `folder`. Paths are relative to that folder, so that a run that was moved together with its text
/// goes on; what is permitted for one start only has its default. Same values, same text.
std::string to_ini(const Config& config, const std::filesystem::path& folder);

/// The name of a file, a list of them (`@list`), or standard input (`-`) as it is seen from
/// `folder`, which is absolute. One that would then begin like a list or standard input begins with
/// the folder itself.
std::string seen_from(const std::filesystem::path& folder, const std::string& name);

/// What `--print-config` prints: `section.key = value  # origin`, a line for each value, as
/// scan_ini() reads them back. `origins`: of every key.
std::string print_config(const Config& config, const std::map<std::string, std::string>& origins);

/// configs/reference.ini: every key with its help, values and default.
std::string reference_ini();

}  // namespace charrnn
