#include "pipeline/config/settings.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "base/error.h"
#include "pipeline/config/ini_scanner.h"
#include "pipeline/config/options_table.h"
#include "pipeline/config/suggestion.h"

namespace charrnn {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const int refusal = errno;
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(path, ignored);
  if (!stream || folder) {
    const std::string reason = folder ? "it is a folder" : std::strerror(refusal);
    throw Error(ErrorKind::kConfig, "cannot read the configuration " + path.string() + ": " +
                                        reason + "; ready ones are in the folder configs");
  }
  return text.str();
}

// `-` and names that are absolute stay; `@list` is a name behind an @.
std::string relative_to(const std::filesystem::path& folder, const std::string& name) {
  if (name.empty() || name == "-") return name;
  if (name.front() == '@') return std::string("@").append(relative_to(folder, name.substr(1)));
  const auto path = (folder / name).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).string();  // `.` is the folder itself
}

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const SectionInfo& section : sections()) names.push_back(section.name);
  return names;
}

bool is_section(const std::string& name) {
  const auto& all = sections();
  return std::any_of(all.begin(), all.end(), [&](const auto& info) { return info.name == name; });
}

const Option* option_of_variable(const std::string& name) {
  for (const Option& option : options_table()) {
    if (environment_name(option) == name) return &option;
  }
  return nullptr;
}

std::string odd_variable(const std::string& name) {
  std::vector<std::string> names;
  for (const Option& option : options_table()) names.push_back(environment_name(option));
  const auto meant = nearest(name, names);
  return "the environment variable " + name + " names no key of the configuration" +
         (meant ? "; did you mean " + *meant + "?" : "");
}

void take_variable(const Option& option, const std::string& name, const std::string& value,
                   Settings& settings) {
  if (!option.list()) {
    return settings.push_back({option.key, value, name, "environment " + name});
  }
  std::istringstream lines(value);
  for (std::string line; std::getline(lines, line);) {
    settings.push_back({option.key, line, name, "environment " + name});
  }
}

}  // namespace

Settings file_settings(const std::filesystem::path& path, Mistakes& mistakes) {
  if (path.empty()) return {};
  const IniFile file = scan_ini(read_file(path), path.string());
  mistakes.insert(mistakes.end(), file.mistakes.begin(), file.mistakes.end());
  std::set<std::string> unknown;
  for (const IniSection& section : file.sections) {
    if (is_section(section.name)) continue;
    unknown.insert(section.name);
    mistakes.push_back({path.string() + ":" + std::to_string(section.line),
                        "unknown section [" + section.name + "]",
                        suggest(section.name, section_names()), section.line});
  }
  Settings settings;
  for (const IniSetting& setting : file.settings) {
    if (unknown.count(setting.key.substr(0, setting.key.find('.'))) != 0) continue;
    const std::string place = path.string() + ":" + std::to_string(setting.line);
    const Option* option = find_option(setting.key);
    const bool moved = option != nullptr && option->names_files();
    settings.push_back({setting.key,
                        moved ? relative_to(path.parent_path(), setting.value) : setting.value,
                        place, place, setting.line});
  }
  return settings;
}

Settings environment_settings(const std::vector<std::string>& environment,
                              std::vector<std::string>& warnings) {
  Settings settings;
  for (const std::string& variable : environment) {
    const std::size_t equals = variable.find('=');
    const std::string name = variable.substr(0, equals);
    if (!name.starts_with("CHARRNN_") || equals == variable.npos) continue;
    const std::string value = variable.substr(equals + 1);
    const Option* option = option_of_variable(name);
    if (option == nullptr) {
      warnings.push_back(odd_variable(name));
    } else if (!value.empty()) {
      take_variable(*option, name, value, settings);
    }
  }
  return settings;
}

Settings command_line_settings(const std::vector<Override>& overrides) {
  Settings settings;
  for (const Override& given : overrides) {
    const Option* option = find_option(given.key);
    if (option != nullptr && !option->list()) {
      std::erase_if(settings, [&](const Setting& earlier) { return earlier.key == given.key; });
    }
    settings.push_back({given.key, given.value, "--" + given.key, "command line"});
  }
  return settings;
}

}  // namespace charrnn
