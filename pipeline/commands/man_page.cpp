#include "pipeline/commands/man_page.h"

#include <sstream>

#include "pipeline/commands/command_table.h"
#include "pipeline/commands/help.h"
#include "pipeline/config/options_table.h"
#include "pipeline/config/suggestion.h"

namespace charrnn {
namespace {

// Text as troff shows it: a dash is no hyphen, and no line is a request.
std::string escaped(const std::string& text) {
  std::string result;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) result += "\\&";
    if (c == '-' || c == '\\') result += '\\';
    result += c == '\\' ? "e" : std::string(1, c);
    line_begins = c == '\n';
  }
  return result;
}

std::string item(const std::string& name, const std::string& text) {
  return ".TP\n.B " + escaped(name) + "\n" + escaped(text) + "\n";
}

std::string literal(const std::string& text) { return ".PP\n.nf\n" + escaped(text) + ".fi\n"; }

std::string key_item(const Option& option) {
  const std::string value = join(write_value(option, Config{}), " ");
  std::string text = option.help + ".";
  if (const std::string range = range_of(option); !range.empty()) text += " Values: " + range + ".";
  text += value.empty() ? " Default: none." : " Default: " + value + ".";
  return item("--" + option.key + "=" + kind_of(option), text);
}

std::string keys() {
  std::string text = ".SH KEYS\nIn a configuration file, or as \\-\\-section.key=value.\n";
  for (const SectionInfo& section : sections()) {
    text += ".SS " + escaped(section.name + ": " + section.about) + "\n";
    for (const Option& option : options_table()) {
      if (option.section() == section.name) text += key_item(option);
    }
  }
  return text;
}

}  // namespace

std::string man_page() {
  std::ostringstream text;
  text << ".TH CHARRNN_PIPELINE 1 \"\" \"charrnn_pipeline " CHARRNN_VERSION
          "\" \"User Commands\"\n"
          ".SH NAME\ncharrnn_pipeline \\- train character models on text and let them write\n"
          ".SH SYNOPSIS\n.B charrnn_pipeline\n"
          "[COMMAND] [\\-\\-config FILE] [\\-\\-section.key=value ...] [FLAG]\n"
          ".SH DESCRIPTION\nTrains a character\\-level recurrent network on text of any size, and "
          "serves it while it learns.\n.SH COMMANDS\n";
  for (const Command& command : commands()) {
    text << item(command.name, command.help + ".") << literal(command.examples);
  }
  text << ".SH FLAGS\n" << item("--config FILE", "configuration (INI).");
  for (const Flag& flag : flags()) text << item(flag.name, flag.help + ".");
  text << keys() << ".SH NOTES\n" << literal(kAfterwards);
  return text.str();
}

}  // namespace charrnn
