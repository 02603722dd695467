#include "pipeline/config/config_reader.h"

#include <boost/program_options/parsers.hpp>
#include <boost/program_options/variables_map.hpp>

#include "pipeline/config/config_rules.h"
#include "pipeline/config/option_semantic.h"
#include "pipeline/config/options_table.h"
#include "pipeline/config/settings.h"
#include "pipeline/config/suggestion.h"

namespace charrnn {
namespace {

namespace bpo = boost::program_options;

std::vector<std::string> keys_of(const std::string& section) {
  std::vector<std::string> keys;
  for (const Option& option : options_table()) {
    if (section.empty() || option.section() == section) keys.push_back(option.key);
  }
  return keys;
}

// What was meant by a key that does not exist: the same name in another section, else a near key.
std::string suggest_key(const std::string& key) {
  const std::string name = key.substr(key.rfind('.') + 1);
  for (const Option& option : options_table()) {
    if (option.name() == name) return "did you mean " + option.key + "?";
  }
  const std::string section = key.substr(0, key.find('.'));
  if (!keys_of(section).empty()) {
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
      mistake(given[i], option.key + " is set here again, after " + given[0].place,
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
