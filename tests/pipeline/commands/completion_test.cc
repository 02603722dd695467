// The scripts of the shells, run by the shells. One that is not installed is skipped.
#include "pipeline/commands/completion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <sstream>

#include "pipeline/commands/command_table.h"
#include "pipeline/commands/man_page.h"
#include "pipeline/config/options_table.h"
#include "tests/pipeline/config/config_files.h"

namespace charrnn {
namespace {

bool installed(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

// What a command line of sh writes, standard error included.
std::string output_of(const std::string& command) {
  FILE* shell = popen((command + " 2>&1").c_str(), "r");
  std::string text;
  for (int c = fgetc(shell); c != EOF; c = fgetc(shell)) text += static_cast<char>(c);
  pclose(shell);
  return text;
}

// What bash completes the last of `words` to; `=` is a word of its own, as bash splits.
std::string bash_completed(const std::vector<std::string>& words) {
  const ConfigFolder folder;
  std::string script = bash_completion() + "COMP_WORDS=(";
  for (const std::string& word : words) script += "'" + word + "' ";
  script += ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) +
            "\ncompopt() { :; }\n_charrnn_pipeline\necho -n \"${COMPREPLY[@]}\"\n";
  return output_of("bash " + folder.write("completion", script).string());
}

TEST(BashCompletion, CompletesCommandsFlagsKeysAndChoices) {
  EXPECT_EQ(bash_completed({"charrnn_pipeline", "gen"}), "generate");
  EXPECT_EQ(bash_completed({"charrnn_pipeline", "train", "--print"}), "--print-config");
  EXPECT_EQ(bash_completed({"charrnn_pipeline", "--model.h"}), "--model.hidden=");
  EXPECT_EQ(bash_completed({"charrnn_pipeline", "--runtime.device", "="}), "auto cpu cuda");
  EXPECT_EQ(bash_completed({"charrnn_pipeline", "--runtime.device", "=", "cu"}), "cuda");
  EXPECT_EQ(bash_completed({"charrnn_pipeline", "--runtime.device", "=", "cpu", "tr"}), "train");
}

// What fish offers for the end of a command line, without the descriptions.
std::set<std::string> fish_completed(const std::string& line) {
  const ConfigFolder folder;
  const auto file = folder.write("completion.fish", fish_completion());
  std::istringstream lines(output_of("HOME=/nonexistent fish --no-config -c 'source " +
                                     file.string() + "; complete -C \"charrnn_pipeline " + line +
                                     "\"'"));
  std::set<std::string> offered;
  for (std::string each; std::getline(lines, each);)
    offered.insert(each.substr(0, each.find('\t')));
  return offered;
}

TEST(FishCompletion, CompletesCommandsFlagsKeysAndChoices) {
  if (!installed("fish")) GTEST_SKIP() << "fish is not installed";
  using Words = std::set<std::string>;
  EXPECT_EQ(fish_completed("gen"), Words{"generate"});
  EXPECT_EQ(fish_completed("train --print"), Words{"--print-config"});
  EXPECT_EQ(fish_completed("--model.hid"), Words{"--model.hidden"});
  EXPECT_EQ(fish_completed("--runtime.device=cu"), Words{"--runtime.device=cuda"});
  const auto keys = fish_completed("--");
  for (const Option& option : options_table()) {
    EXPECT_TRUE(keys.contains("--" + option.key)) << option.key;
  }
}

// What zsh's functions for completion are asked to offer: they are replaced by ones that print.
std::string zsh_offered(const std::vector<std::string>& words) {
  const ConfigFolder folder;
  std::string line;
  for (const std::string& word : words) line += "'" + word + "' ";
  const auto file = folder.write(
      "completion.zsh",
      "compdef() { : }\n_describe() { print -l -- ${(P)4} }\n_files() { print files }\n"
      "compset() { words[CURRENT]=${words[CURRENT]#*=} }\ncompadd() { print -- \"$@\" }\n" +
          zsh_completion() + "words=(" + line + ")\nCURRENT=$#words\n_charrnn_pipeline\n");
  return output_of("zsh -f " + file.string());
}

TEST(ZshCompletion, OffersCommandsFlagsKeysAndChoices) {
  if (!installed("zsh")) GTEST_SKIP() << "zsh is not installed";
  EXPECT_EQ(zsh_offered({"charrnn_pipeline", "--runtime.device=c"}), "auto cpu cuda\n");
  EXPECT_EQ(zsh_offered({"charrnn_pipeline", "--corpus.files="}), "files\n");
  EXPECT_EQ(zsh_offered({"charrnn_pipeline", "--config", ""}), "files\n");
  const std::string offered = "\n" + zsh_offered({"charrnn_pipeline", "-"});
  for (const Option& option : options_table()) {
    EXPECT_NE(offered.find("\n--" + option.key + ":" + option.help + "\n"), offered.npos)
        << option.key;
  }
  const std::string named = "\n" + zsh_offered({"charrnn_pipeline", "g"});
  for (const Command& command : commands()) {
    EXPECT_NE(named.find("\n" + command.name + ":"), named.npos) << command.name;
  }
}

TEST(ManPage, ShowsEveryCommandFlagAndKeyAndGroffFindsNoFault) {
  if (!installed("groff")) GTEST_SKIP() << "groff is not installed";
  const ConfigFolder folder;
  const std::string file = folder.write("page.1", man_page()).string();
  EXPECT_EQ(output_of("groff -man -Tutf8 -ww -z " + file), "");
  const std::string shown = output_of("groff -man -Tascii -P-cbu -rLL=250n " + file);
  for (const Option& option : options_table()) {
    EXPECT_NE(shown.find("--" + option.key + "=" + kind_of(option)), shown.npos) << option.key;
  }
  for (const Command& command : commands()) {
    EXPECT_NE(shown.find("\n       " + command.name), shown.npos) << command.name;
  }
  for (const Flag& flag : flags())
    EXPECT_NE(shown.find("\n       " + flag.name), shown.npos) << flag.name;
}

}  // namespace
}  // namespace charrnn
