#pragma once

#include <string>

#include "pipeline/config/ini_scanner.h"

namespace charrnn {

/// What a key was set to in a run, by the config.ini of its checkpoint; its default when the run is
/// older than the key.
std::string saved_value(const IniFile& saved, const std::string& key);

}  // namespace charrnn
