#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/config/mistakes.h"

namespace charrnn {

/// A `[section]` line.
struct IniSection {
  std::string name;
  int line = 0;  ///< from 1
};

/// A `key = value` line, the key with its section: `section.key`.
struct IniSetting {
  std::string key;
  std::string value;
  int line = 0;  ///< from 1
};

/// What stands in an INI file, in its order, and what could not be read.
struct IniFile {
  std::vector<IniSection> sections;
  std::vector<IniSetting> settings;
  Mistakes mistakes;
};

/// Reads the text of an INI file to its end, whatever is wrong in it. `place` names the file in
/// mistakes. `#` begins a comment at the start of a line or after white space. A value reaches to
/// the end of its line without white space around it and may hold `=`; one in double quotes keeps
/// its white space and `#`, and may hold \n, \r, \t, \" and \\. Before the first section, keys
/// are written in full: `section.key = value`.
IniFile scan_ini(std::string_view text, const std::string& place);

/// A value as scan_ini() reads it back: in quotes when it needs them.
std::string ini_value(const std::string& value);

}  // namespace charrnn
