#include "pipeline/commands/help.h"

#include <algorithm>
#include <sstream>

#include "pipeline/commands/command_table.h"
#include "pipeline/config/option_semantic.h"
#include "pipeline/config/options_table.h"
#include "pipeline/config/suggestion.h"

namespace charrnn {
namespace {

constexpr const char* kExamples =
    R"(charrnn_pipeline trains a character model on text of any size and serves it while it learns.

Examples:
  charrnn_pipeline --config configs/quickstart.ini --corpus.files=book.txt
      train on book.txt, show the progress, and serve on port 7707 meanwhile and afterwards;
      Ctrl-C saves and stops, and the same command resumes
  echo "In the beginning" | nc 127.0.0.1 7707
      let the model continue a text, even while it trains
  charrnn_pipeline generate --config configs/quickstart.ini --generate.prompt="Anna"
      generate text with the newest checkpoint
  charrnn_pipeline evaluate --config configs/quickstart.ini --evaluate.files=other.txt
      score another text
  charrnn_pipeline --config configs/quickstart.ini --print-config
      show every key, its value and where it came from

Usage: charrnn_pipeline [COMMAND] [--config FILE] [--section.key=value ...] [FLAG]
)";

std::string padded(const std::string& word) {
  constexpr std::size_t kColumn = 20;
  return "  " + word + std::string(kColumn - std::min(word.size(), kColumn - 1), ' ');
}

}  // namespace

const char* const kAfterwards =
    R"(
A value on the command line replaces one from the environment (CHARRNN_SECTION_KEY, for example
CHARRNN_TRAIN_BATCH), which replaces one from the file, which replaces the default. Relative paths in
a file are relative to that file; elsewhere they are relative to the working directory.

Exit codes: 0 done or stopped; 2 wrong usage; 3 invalid configuration; 4 diverged; 5 unusable corpus;
6 disk error; 7 unusable checkpoint; 8 run directory in use; 9 address cannot be used; 10 out of
memory; 70 defect in the program; 130 stopped twice.
)";

std::string help_text() {
  std::ostringstream text;
  text << kExamples << "\nCommands:\n";
  for (const Command& command : commands()) text << padded(command.name) << command.help << "\n";
  text << "\nFlags:\n" << padded("--config FILE") << "configuration (INI)\n";
  for (const Flag& flag : flags()) text << padded(flag.name) << flag.help << "\n";
  text
      << "\nSections of the configuration; --help COMMAND shows the keys that matter to a command, "
         "and\n--reference-ini and --man show all of them:\n";
  for (const SectionInfo& section : sections())
    text << padded(section.name) << section.about << "\n";
  text << kAfterwards;
  return text.str();
}

std::string command_help(const Command& command) {
  std::ostringstream text;
  text << "charrnn_pipeline " << command.name << ": " << command.help << "\n\nExamples:\n"
       << command.examples << "\nKeys, in a file or as --section.key=value:\n"
       << describe_options(nullptr,
                           [&](const Option& option) { return matters_to(command, option); });
  return text.str();
}

}  // namespace charrnn
