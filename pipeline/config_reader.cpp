#include "pipeline/config_reader.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include <boost/program_options/parsers.hpp>
#include <boost/program_options/variables_map.hpp>

#include "corpus/error.h"
#include "pipeline/config_rules.h"
#include "pipeline/ini_scanner.h"
#include "pipeline/option_semantic.h"
#include "pipeline/options_table.h"
#include "pipeline/suggestion.h"

namespace charrnn {
namespace {

namespace bpo = boost::program_options;

// A value for a key, as it was written.
struct Setting {
  std::string key;
  std::string value;
  std::string place;   // for mistakes
  std::string origin;  // for --print-config
  int line = 0;
};
using Settings = std::vector<Setting>;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream || std::filesystem::is_directory(path)) {
    const std::string reason =
        std::filesystem::is_directory(path) ? "it is a folder" : std::strerror(errno);
    throw Error(ExitCode::kConfig, "cannot read the configuration " + path.string() + ": " +
                                       reason + "; ready ones are in the folder configs");
  }
  return text.str();
}

// `-` and names that are absolute stay; `@list` is a name behind an @.
std::string relative_to(const std::filesystem::path& folder, const std::string& name) {
  if (name.empty() || name == "-") return name;
  if (name.front() == '@') return "@" + relative_to(folder, name.substr(1));
  return (folder / name).lexically_normal().string();
}

std::vector<std::string> keys_of(const std::string& section) {
  std::vector<std::string> keys;
  for (const Option& option : options_table()) {
    if (section.empty() || option.section() == section) keys.push_back(option.key);
  }
  return keys;
}

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const SectionInfo& section : sections()) names.push_back(section.name);
  return names;
}

bool is_section(const std::string& name) { return !keys_of(name).empty() && !name.empty(); }

// What was meant by a key that does not exist: the same name in another section, else a near key.
std::string suggest_key(const std::string& key) {
  const std::string name = key.substr(key.rfind('.') + 1);
  for (const Option& option : options_table()) {
    if (option.name() == name) return "did you mean " + option.key + "?";
  }
  const std::string section = key.substr(0, key.find('.'));
  if (is_section(section)) {
    for (const auto& candidates : {keys_of(section), keys_of({})}) {
      if (const auto meant = nearest(key, candidates)) return "did you mean " + *meant + "?";
    }
    return "its keys are " + join(keys_of(section), ", ");
  }
  return suggest(key, keys_of({}));
}

// Takes the settings of one source, typed by Boost.Program_options, and remembers its mistakes.
class Layer {
 public:
  Layer(const bpo::options_description& options, Mistakes& mistakes)
      : options_(options), mistakes_(mistakes) {}

  void take(const Settings& settings) {
    for (const Setting& setting : settings) {
      if (find_option(setting.key) == nullptr) {
        mistake(setting, "unknown key " + setting.key, suggest_key(setting.key));
      } else {
        by_key_[setting.key].push_back(setting);
      }
    }
    for (const auto& [key, given] : by_key_) store(*find_option(key), given);
  }

  const bpo::variables_map& values() const { return values_; }
  const std::map<std::string, Settings>& settings() const { return by_key_; }

 private:
  void store(const Option& option, const Settings& given) {
    for (std::size_t i = 1; i < given.size() && !option.list(); ++i) {
      mistake(given[i], option.key + " stands here again, after " + given[0].place,
              "keep one of the two");
    }
    bpo::option texts(option.key, {});
    for (const Setting& setting : given) {
      texts.value.push_back(setting.value);
      if (!option.list()) break;
    }
    bpo::parsed_options parsed(&options_);
    parsed.options.push_back(texts);
    try {
      bpo::store(parsed, values_);
    } catch (const BadValue& bad) {
      const bool from_file = given[0].line > 0;
      mistake(given[0], (from_file ? option.key + ": " : "") + bad.what(), bad.suggestion());
    }
  }

  void mistake(const Setting& setting, const std::string& message, const std::string& suggestion) {
    mistakes_.push_back({setting.place, message, suggestion, setting.line});
  }

  const bpo::options_description& options_;
  Mistakes& mistakes_;
  std::map<std::string, Settings> by_key_;
  bpo::variables_map values_;
};

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

std::filesystem::path default_directory(const std::filesystem::path& file) {
  return std::filesystem::path("runs") / (file.empty() ? "default" : file.stem());
}

void add_broken_rules(const Config& config, const std::vector<const Layer*>& highest_first,
                      Mistakes& mistakes) {
  for (const BrokenRule& broken : broken_rules(config)) {
    Setting where{broken.key, {}, broken.key, {}};
    for (const Layer* layer : highest_first) {
      const auto found = layer->settings().find(broken.key);
      if (found == layer->settings().end()) continue;
      where = found->second.front();
      break;
    }
    mistakes.push_back({where.place, broken.message, broken.suggestion, where.line});
  }
}

}  // namespace

ReadConfig read_config(const ConfigSources& sources) {
  ReadConfig result;
  Mistakes mistakes;
  const bpo::options_description options = describe_options(&result.config);
  Layer file(options, mistakes);
  Layer environment(options, mistakes);
  Layer command_line(options, mistakes);
  file.take(file_settings(sources.file, mistakes));
  environment.take(environment_settings(sources.environment, result.warnings));
  command_line.take(command_line_settings(sources.overrides));

  bpo::variables_map values;
  for (const Option& option : options_table()) result.origins[option.key] = "default";
  const std::vector<const Layer*> highest_first = {&command_line, &environment, &file};
  for (const Layer* layer : highest_first) {
    for (const auto& [key, value] : layer->values()) {
      if (!values.emplace(key, value).second) continue;
      result.origins[key] = layer->settings().at(key).front().origin;
    }
  }
  values.notify();
  add_broken_rules(result.config, highest_first, mistakes);
  throw_if_any(std::move(mistakes));
  if (result.config.run.directory.empty()) {
    result.config.run.directory = default_directory(sources.file);
  }
  return result;
}

}  // namespace charrnn
