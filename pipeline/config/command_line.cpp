#include "pipeline/config/command_line.h"

#include <optional>

#include "base/error.h"
#include "pipeline/config/config_reader.h"
#include "pipeline/config/suggestion.h"

namespace charrnn {
namespace {

// The command line in its parts, before any of it is looked up in the options table.
struct Parts {
  std::optional<Command> command;
  Show show = Show::kNothing;
  std::optional<std::string> config_file;
  std::vector<Override> overrides;
  std::vector<std::string> mistakes;
};

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const CommandInfo& info : commands()) names.push_back(info.name);
  return names;
}

std::vector<std::string> flag_names() {
  std::vector<std::string> names = {"--config"};
  for (const FlagInfo& info : flags()) names.push_back(info.name);
  return names;
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
    for (const CommandInfo& info : commands()) {
      if (info.name != word) continue;
      if (parts_.command) mistake("a second command '" + word + "'", "give one");
      parts_.command = info.command;
      return;
    }
    const bool file = word.ends_with(".ini");
    mistake("no command '" + word + "'",
            file ? "did you mean --config " + word + "?" : suggest(word, command_names()));
  }

  void take_flag(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    if (name == "--config" || name == "-c") return take_config(argument, equals);
    if (name.starts_with("--") && name.find('.') != name.npos) return take_key(argument, equals);
    for (const FlagInfo& info : flags()) {
      if (argument == info.name) return void(parts_.show = info.show);
    }
    if (argument == "-h") return void(parts_.show = Show::kHelp);
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
  throw Error(ExitCode::kUsage,
              join(mistakes, "\n  ") + "\n  charrnn_pipeline --help shows how it is used");
}

bool needs_corpus(const CommandLine& line) {
  if (line.show != Show::kNothing) return false;
  switch (line.command) {
    case Command::kRun:
    case Command::kTrain:
    case Command::kPlan:
    case Command::kInspect:
      return line.config.corpus.files.empty();
    case Command::kEvaluate:
      return line.config.corpus.files.empty() && line.config.evaluate.files.empty() &&
             line.config.validation.files.empty();
    case Command::kGenerate:
    case Command::kServe:
      return false;
  }
  return false;
}

void throw_if_no_corpus(const CommandLine& line) {
  if (!needs_corpus(line)) return;
  const bool evaluate = line.command == Command::kEvaluate;
  const std::string key = evaluate ? "evaluate.files" : "corpus.files";
  const std::string place = line.config_file.empty() ? "the command line" : line.config_file;
  throw Error(ExitCode::kConfig, place + ": " + key + " names no text; add --" + key +
                                     "=FILE (more than once for more files)");
}

}  // namespace

const std::vector<CommandInfo>& commands() {
  static const std::vector<CommandInfo> kCommands = {
      {Command::kRun, "run", "train, validate, checkpoint and serve in one process (the default)"},
      {Command::kTrain, "train", "the same without serving; ends when the training does"},
      {Command::kGenerate, "generate", "write text with the newest checkpoint to standard output"},
      {Command::kEvaluate, "evaluate", "score text with the newest checkpoint; prints JSON"},
      {Command::kServe, "serve", "serve the newest checkpoint"},
      {Command::kPlan, "plan",
       "tell what a training would take, and whether it can work; train nothing"},
      {Command::kInspect, "inspect", "show the first batches as text, with the place of every row"},
  };
  return kCommands;
}

const std::vector<FlagInfo>& flags() {
  static const std::vector<FlagInfo> kFlags = {
      {Show::kHelp, "--help", "this text (also -h)"},
      {Show::kVersion, "--version", "versions of the program and its libraries"},
      {Show::kConfig, "--print-config", "every key, its value and where it came from"},
      {Show::kReference, "--reference-ini", "a commented configuration with every key"},
      {Show::kCompletion, "--completion-bash", "completion for bash: source <(... )"},
  };
  return kFlags;
}

CommandLine parse_command_line(const std::vector<std::string>& arguments,
                               const std::vector<std::string>& environment) {
  const Parts parts = Splitter(arguments).split();
  CommandLine line;
  line.show = parts.show;
  if (line.show == Show::kHelp || line.show == Show::kVersion) return line;
  throw_if_misused(parts.mistakes);
  if (line.show == Show::kReference || line.show == Show::kCompletion) return line;
  line.command = parts.command.value_or(Command::kRun);
  line.config_file = parts.config_file.value_or("");
  ReadConfig read = read_config({line.config_file, environment, parts.overrides});
  line.config = std::move(read.config);
  line.origins = std::move(read.origins);
  line.warnings = std::move(read.warnings);
  throw_if_no_corpus(line);
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
