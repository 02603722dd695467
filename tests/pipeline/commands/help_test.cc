#include "pipeline/commands/help.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "pipeline/commands/command_table.h"
#include "pipeline/config/options_table.h"
#include "tests/pipeline/config/config_files.h"

namespace charrnn {
namespace {

TEST(Help, BeginsWithExamplesAndNamesEveryKeyCommandAndFlag) {
  const std::string text = help_text();
  EXPECT_LT(text.find("Examples:"), text.find("Usage:"));
  for (const Option& option : options_table()) {
    EXPECT_NE(text.find("--" + option.key + " "), std::string::npos) << option.key;
  }
  for (const Command& command : commands()) {
    EXPECT_NE(text.find("\n  " + command.name), text.npos) << command.name;
  }
  for (const Flag& flag : flags()) EXPECT_NE(text.find("\n  " + flag.name), text.npos) << flag.name;
}

// What bash completes the last of `words` to; `=` is a word of its own, as bash splits.
std::string completed(const std::vector<std::string>& words) {
  const ConfigFolder folder;
  std::string script = bash_completion() + "COMP_WORDS=(";
  for (const std::string& word : words) script += "'" + word + "' ";
  script += ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) +
            "\ncompopt() { :; }\n_charrnn_pipeline\necho -n \"${COMPREPLY[@]}\"\n";
  const auto file = folder.write("completion", script);
  FILE* bash = popen(("bash " + file.string()).c_str(), "r");
  std::string text;
  for (int c = fgetc(bash); c != EOF; c = fgetc(bash)) text += static_cast<char>(c);
  pclose(bash);
  return text;
}

TEST(BashCompletion, CompletesCommandsFlagsKeysAndChoices) {
  EXPECT_EQ(completed({"charrnn_pipeline", "gen"}), "generate");
  EXPECT_EQ(completed({"charrnn_pipeline", "train", "--print"}), "--print-config");
  EXPECT_EQ(completed({"charrnn_pipeline", "--model.h"}), "--model.hidden=");
  EXPECT_EQ(completed({"charrnn_pipeline", "--runtime.device", "="}), "auto cpu cuda");
  EXPECT_EQ(completed({"charrnn_pipeline", "--runtime.device", "=", "cu"}), "cuda");
  EXPECT_EQ(completed({"charrnn_pipeline", "--runtime.device", "=", "cpu", "tr"}), "train");
}

}  // namespace
}  // namespace charrnn
