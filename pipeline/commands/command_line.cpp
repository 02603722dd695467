#include "pipeline/commands/command_line.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "pipeline/commands/command_table.h"
#include "pipeline/config/config_reader.h"
#include "pipeline/config/options_table.h"
#include "pipeline/config/suggestion.h"

namespace charrnn {
namespace {

// The command line in its parts, before any of it is looked up in the options table.
struct Parts {
  const Command* command = nullptr;
  const Flag* flag = nullptr;
  std::optional<std::string> config_file;
  std::vector<Override> overrides;
  std::vector<std::string> mistakes;
};

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command& command : commands()) names.push_back(command.name);
  return names;
}

std::vector<std::string> flag_names() {
  std::vector<std::string> names = {"--config"};
  for (const Flag& flag : flags()) names.push_back(flag.name);
  return names;
}

// The flag that a letter stands for.
std::string name_of(const std::string& argument) {
  if (argument == "-h") return "--help";
  return argument == "-q" ? "--quiet" : argument;
}

// Splits the arguments one by one and collects what is wrong with them.
class Splitter {
 public:
  explicit Splitter(const std::vector<std::string>& arguments) : arguments_(arguments) {}

  Parts split() && {
    while (next_ < arguments_.size()) {
      const std::string& argument = arguments_[next_++];
      argument.starts_with('-') && argument.size() > 1 ? take_flag(argument)
                                                       : take_command(argument);
    }
    return std::move(parts_);
  }

 private:
  void take_command(const std::string& word) {
    for (const Command& command : commands()) {
      if (command.name != word || takes_operands()) continue;
      if (parts_.command != nullptr) mistake("a second command '" + word + "'", "give one");
      parts_.command = &command;
      return;
    }
    if (takes_operands()) {
      parts_.overrides.push_back({parts_.command->operands, word});
      return;
    }
    const bool file = word.ends_with(".ini");
    mistake("no command '" + word + "'",
            file ? "did you mean --config " + word + "?" : suggest(word, command_names()));
  }

  bool takes_operands() const {
    return parts_.command != nullptr && !parts_.command->operands.empty();
  }

  void take_flag(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    if (name == "--config" || name == "-c") return take_config(argument, equals);
    if (name.starts_with("--") && name.find('.') != name.npos) return take_key(argument, equals);
    const std::string known = name_of(argument);
    for (const Flag& flag : flags()) {
      if (known != flag.name) continue;
      if (flag.sets.empty()) return void(parts_.flag = &flag);
      return parts_.overrides.push_back({flag.sets, "true"});
    }
    mistake("no flag '" + name + "'", suggest(name, flag_names()));
  }

  void take_config(const std::string& argument, std::size_t equals) {
    const auto value = value_of(argument, equals);
    if (!value || value->empty()) return mistake("--config names no file", "--config FILE");
    if (parts_.config_file) return mistake("--config is given twice", "give one");
    parts_.config_file = *value;
  }

  void take_key(const std::string& argument, std::size_t equals) {
    const std::string name = argument.substr(0, equals);
    const auto value = value_of(argument, equals);
    if (!value) return mistake(name + " has no value", "write " + name + "=VALUE");
    parts_.overrides.push_back({name.substr(2), *value});
  }

  // What follows `=`, else the next argument unless it is another flag.
  std::optional<std::string> value_of(const std::string& argument, std::size_t equals) {
    if (equals != argument.npos) return argument.substr(equals + 1);
    if (next_ == arguments_.size() || arguments_[next_].starts_with("--")) return std::nullopt;
    return arguments_[next_++];
  }

  void mistake(const std::string& message, const std::string& suggestion) {
    parts_.mistakes.push_back(message + "; " + suggestion);
  }

  const std::vector<std::string>& arguments_;
  std::size_t next_ = 0;
  Parts parts_;
};

void throw_if_misused(const std::vector<std::string>& mistakes) {
  if (mistakes.empty()) return;
  throw Error(ErrorKind::kUsage,
              join(mistakes, "\n  ") + "\n  charrnn_pipeline --help shows how it is used");
}

bool names_text(const std::string& key, const Config& config) {
  return !write_value(*find_option(key), config).empty();
}

void throw_if_no_text(const CommandLine& line) {
  const std::vector<std::string>& keys = line.command->text_keys;
  if (keys.empty() || std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
        return names_text(key, line.config);
      })) {
    return;
  }
  const std::string place = line.config_file.empty() ? "the command line" : line.config_file;
  throw Error(ErrorKind::kConfig, place + ": " + keys[0] + " names no text; add --" + keys[0] +
                                      "=FILE (more than once for more files)");
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments,
                               const std::vector<std::string>& environment) {
  const Parts parts = Splitter(arguments).split();
  CommandLine line;
  line.command = parts.command != nullptr ? parts.command : &commands().front();
  line.names_command = parts.command != nullptr;
  line.flag = parts.flag;
  if (line.flag != nullptr && line.flag->needs == Flag::Needs::kNothing) return line;
  throw_if_misused(parts.mistakes);
  if (line.flag != nullptr && line.flag->needs == Flag::Needs::kArguments) return line;
  line.config_file = parts.config_file.value_or("");
  ReadConfig read = read_config({line.config_file, environment, parts.overrides});
  line.config = std::move(read.config);
  line.origins = std::move(read.origins);
  line.warnings = std::move(read.warnings);
  if (line.flag == nullptr) throw_if_no_text(line);
  return line;
}

CommandLine parse_command_line(int argc, const char* const* argv, const char* const* environment) {
  std::vector<std::string> variables;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    variables.emplace_back(*environment);
  }
  return parse_command_line(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc),
                            variables);
}

}  // namespace charrnn
