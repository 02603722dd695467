#include "pipeline/commands/completion.h"

#include "pipeline/commands/command_table.h"
#include "pipeline/config/options_table.h"
#include "pipeline/config/suggestion.h"

namespace charrnn {
namespace {

std::string choices_of(const Option& option) {
  const bool flag = std::holds_alternative<Field<bool>>(option.field);
  return flag ? "true false" : join(option.choices(), " ");
}

// Text in single quotes for a shell: a quote ends it, stands by itself and begins it again.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + "'";
}

// --- bash

const std::string kBashHead =
    R"(_charrnn_pipeline() {
  local word=${COMP_WORDS[COMP_CWORD]} key=${COMP_WORDS[COMP_CWORD-1]}
  local words=')";
const std::string kBashCases =
    R"('
  if [[ $word == '=' ]]; then word=; else
    [[ $key == '=' ]] && key=${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $key in
    --config) words= ;;
)";
const std::string kBashEnd =
    R"(    --*.*) return ;;
  esac
  if [[ -z $words ]]; then COMPREPLY=($(compgen -f -- "$word"))
  else COMPREPLY=($(compgen -W "$words" -- "$word")); fi
  [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -F _charrnn_pipeline charrnn_pipeline
)";

std::string bash_words() {
  std::string words;
  for (const Command& command : commands()) words += command.name + " ";
  words += "--config";
  for (const Flag& flag : flags()) words += " " + flag.name;
  for (const Option& option : options_table()) words += " --" + option.key + "=";
  return words;
}

// bash splits words at `=`, so the value is a word of its own and the key stands two before it.
std::string bash_cases() {
  std::string cases;
  for (const Option& option : options_table()) {
    const std::string choices = choices_of(option);
    if (!choices.empty()) cases += "    --" + option.key + ") words='" + choices + "' ;;\n";
    if (option.names_files()) cases += "    --" + option.key + ") words= ;;\n";
  }
  return cases;
}

// --- zsh

const std::string kZshHead =
    R"(#compdef charrnn_pipeline
_charrnn_pipeline() {
  local -a commands=() flags=() keys=()
)";
const std::string kZshCases =
    R"(  if [[ ${words[CURRENT-1]} == --config ]]; then _files; return; fi
  case ${words[CURRENT]} in
)";
const std::string kZshEnd =
    R"(    --*=*) return 1 ;;
    -*) _describe -t flags flag flags; _describe -t keys key keys -S '=' ;;
    *) _describe -t commands command commands ;;
  esac
}
if [[ ${funcstack[1]} == _charrnn_pipeline ]]; then _charrnn_pipeline "$@"
else compdef _charrnn_pipeline charrnn_pipeline; fi
)";

// `name:help`; a colon of the name would end it.
std::string zsh_item(const char* list, const std::string& name, const std::string& help) {
  return std::string("  ") + list + "+=(" + quoted(name + ":" + help) + ")\n";
}

std::string zsh_items() {
  std::string items;
  for (const Command& command : commands()) {
    items += zsh_item("commands", command.name, command.help);
  }
  items += zsh_item("flags", "--config", "configuration (INI)");
  for (const Flag& flag : flags()) items += zsh_item("flags", flag.name, flag.help);
  for (const Option& option : options_table()) {
    items += zsh_item("keys", "--" + option.key, option.help);
  }
  return items;
}

std::string zsh_cases() {
  std::string cases;
  for (const Option& option : options_table()) {
    const std::string choices = choices_of(option);
    const std::string head = "    --" + option.key + "=*) compset -P '*='; ";
    if (!choices.empty()) cases += head + "compadd " + choices + " ;;\n";
    if (option.names_files()) cases += head + "_files ;;\n";
  }
  return cases;
}

// --- fish

std::string fish_line(const std::string& rest, const std::string& help) {
  return "complete -c charrnn_pipeline " + rest + " -d " + quoted(help) + "\n";
}

// What follows a key: its words, a file, or something that fish knows nothing of.
std::string fish_value(const Option& option) {
  const std::string choices = choices_of(option);
  if (!choices.empty()) return " -x -a " + quoted(choices);
  return option.names_files() ? " -r -F" : " -x";
}

}  // namespace

std::string bash_completion() {
  return kBashHead + bash_words() + kBashCases + bash_cases() + kBashEnd;
}

std::string zsh_completion() { return kZshHead + zsh_items() + kZshCases + zsh_cases() + kZshEnd; }

// fish's quotes know \\ and \' only, and no text of the tables has a backslash; quoted() suits it.
std::string fish_completion() {
  std::string script = "complete -c charrnn_pipeline -f\n";
  for (const Command& command : commands()) {
    script += fish_line("-n __fish_use_subcommand -a " + command.name, command.help);
  }
  script += fish_line("-l config -r -F", "configuration (INI)");
  for (const Flag& flag : flags()) script += fish_line("-l " + flag.name.substr(2), flag.help);
  for (const Option& option : options_table()) {
    script += fish_line("-l " + option.key + fish_value(option), option.help);
  }
  return script;
}

}  // namespace charrnn
