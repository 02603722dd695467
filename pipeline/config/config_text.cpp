#include "pipeline/config/config_text.h"

#include <cmath>

#include "pipeline/config/ini_scanner.h"
#include "pipeline/config/options_table.h"
#include "pipeline/config/suggestion.h"

namespace charrnn {
namespace {

using Texts = std::vector<std::string>;

std::string absolute(const std::string& name) {
  if (name.empty() || name == "-") return name;
  if (name.front() == '@') return std::string("@").append(absolute(name.substr(1)));
  return std::filesystem::absolute(name).lexically_normal().string();
}

// `name = value` lines of one option; an empty list is `name =`.
std::string lines_of(const std::string& name, Texts values, const std::string& ending = "") {
  if (values.empty()) values.emplace_back();
  std::string text;
  for (const std::string& value : values) {
    const std::string shown = ini_value(value);
    text += name + " =" + (shown.empty() ? "" : " " + shown) + ending + "\n";
  }
  return text;
}

Texts absolute_values(const Option& option, Config& config) {
  Texts values = write_value(option, config);
  if (!option.names_files()) return values;
  for (std::string& value : values) value = absolute(value);
  return values;
}

std::string comment_of(const Option& option) {
  std::string text = "# " + option.help + "\n";
  const bool bounded = option.range.low != 0.0 || std::isfinite(option.range.high);
  std::string allowed = bounded ? range_of(option) : std::string();
  if (!option.choices.empty()) allowed = join(option.choices, " | ");
  if (!allowed.empty()) text += "# " + allowed + "\n";
  return text;
}

constexpr const char* kReferenceHead =
    R"(# Every key of the configuration with its default. A copy with the few lines that you change is
# enough: what is not named keeps its default.
#
# Any key can be given on the command line (--train.batch=64) or in the environment
# (CHARRNN_TRAIN_BATCH=64): command line > environment > file > default. Relative paths are
# relative to this file. A comment begins with # at the start of a line or after white space.
# Whole numbers may end in k, M, G, Ki, Mi or Gi. Text in double quotes keeps white space and #,
# and may hold \n, \t, \" and \\. A repeatable key stands once for each of its values.
#
# Made by: charrnn_pipeline --reference-ini
)";

}  // namespace

std::string to_ini(const Config& config) {
  Config copy = config;
  std::string text;
  for (const SectionInfo& section : sections()) {
    text += (text.empty() ? "[" : "\n[") + section.name + "]\n";
    for (const Option& option : options_table()) {
      if (option.section() != section.name) continue;
      text += lines_of(option.name(), absolute_values(option, copy));
    }
  }
  return text;
}

std::string print_config(const Config& config, const std::map<std::string, std::string>& origins) {
  Config copy = config;
  std::string text;
  for (const Option& option : options_table()) {
    text += lines_of(option.key, write_value(option, copy), "  # " + origins.at(option.key));
  }
  return text;
}

std::string reference_ini() {
  Config defaults;
  std::string text = kReferenceHead;
  for (const SectionInfo& section : sections()) {
    text += "\n# " + section.about + "\n[" + section.name + "]\n";
    for (const Option& option : options_table()) {
      if (option.section() != section.name) continue;
      text += '\n';
      text += comment_of(option);
      text += lines_of(option.name(), write_value(option, defaults));
    }
  }
  return text;
}

}  // namespace charrnn
