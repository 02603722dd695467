#include "pipeline/commands/help.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/commands/command_line.h"
#include "pipeline/commands/command_table.h"
#include "pipeline/config/options_table.h"

namespace charrnn {
namespace {

TEST(Help, BeginsWithExamplesAndNamesEveryCommandFlagAndSection) {
  const std::string text = help_text();
  EXPECT_LT(text.find("Examples:"), text.find("Usage:"));
  for (const SectionInfo& section : sections()) {
    EXPECT_NE(text.find("\n  " + section.name + " "), text.npos) << section.name;
  }
  for (const Command& command : commands()) {
    EXPECT_NE(text.find("\n  " + command.name), text.npos) << command.name;
  }
  for (const Flag& flag : flags()) EXPECT_NE(text.find("\n  " + flag.name), text.npos) << flag.name;
}

TEST(Help, OfACommandShowsExamplesAndItsKeysOnly) {
  for (const Command& command : commands()) {
    const std::string text = command_help(command);
    EXPECT_NE(text.find("Examples:\n  "), text.npos) << command.name;
    EXPECT_EQ(text.find("Examples:\n") < text.find("\nKeys"), true) << command.name;
    for (const Option& option : options_table()) {
      const bool shown = text.find("--" + option.key + " ") != text.npos;
      EXPECT_EQ(shown, matters_to(command, option)) << command.name << " " << option.key;
    }
  }
}

TEST(Help, OfACommandIsAskedForInEitherOrder) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--help", "score"}, {"score", "--help"}, {"score", "-h"}}) {
    const CommandLine line = parse_command_line(words, {});
    EXPECT_EQ(line.flag->text(line), command_help(*line.command));
    EXPECT_EQ(line.command->name, "score");
  }
  const CommandLine general = parse_command_line({"--help"}, {});
  EXPECT_EQ(general.flag->text(general), help_text());
}

TEST(CommandTable, NamesKeysThatExistAndNoKeyMattersToNoCommand) {
  const auto& all = options_table();
  for (const Command& command : commands()) {
    for (const std::string& named : command.keys) {
      EXPECT_TRUE(std::ranges::any_of(
          all,
          [&](const Option& option) { return option.key == named || option.section() == named; }))
          << command.name << " " << named;
    }
  }
  for (const Option& option : all) {
    EXPECT_TRUE(std::ranges::any_of(commands(), [&](const Command& command) {
      return matters_to(command, option);
    })) << option.key;
  }
}

}  // namespace
}  // namespace charrnn
