#include "pipeline/commands/command_line.h"

#include <gtest/gtest.h>

#include "pipeline/commands/command_table.h"
#include "pipeline/commands/exit_code.h"
#include "tests/pipeline/config/config_files.h"

namespace charrnn {
namespace {

using Words = std::vector<std::string>;

CommandLine parse(const Words& arguments, const Words& environment = {}) {
  return parse_command_line(arguments, environment);
}

// The exit code and the message of a command line that is refused.
std::pair<int, std::string> refusal(const Words& arguments) {
  try {
    parse(arguments);
  } catch (const Error& error) {
    return {exit_code(error.kind()), error.what()};
  }
  return {0, "taken"};
}

TEST(CommandLine, RunsWhenNoCommandIsGiven) {
  EXPECT_EQ(parse({"--corpus.files=a.txt"}).command->name, "run");
  EXPECT_EQ(parse({"--corpus.files=a.txt", "train"}).command->name, "train");
  EXPECT_EQ(parse({"generate"}).command->name, "generate");
}

TEST(CommandLine, TakesAKeysValueAfterAnEqualsSignOrAsTheNextWord) {
  const CommandLine line = parse({"serve", "--train.batch=3", "--train.clip", "4",
                                  "--generate.prompt", "serve", "--generate.seed", "7"});
  EXPECT_EQ(line.config.train.batch, 3);
  EXPECT_EQ(line.config.train.clip, 4.0);
  EXPECT_EQ(line.config.generate.prompt, "serve");
  EXPECT_EQ(line.config.generate.seed, 7U);
  EXPECT_EQ(line.origins.at("train.clip"), "command line");
}

TEST(CommandLine, QuietIsAKeyThatHasFlagsOfItsOwn) {
  EXPECT_FALSE(parse({"generate"}).config.log.quiet);
  for (const char* flag : {"-q", "--quiet", "--log.quiet=true"}) {
    const auto line = parse({"generate", flag});
    EXPECT_TRUE(line.config.log.quiet) << flag;
    EXPECT_EQ(line.flag, nullptr) << flag;
  }
}

TEST(CommandLine, TakesTextAsTheShellGaveIt) {
  EXPECT_EQ(parse({"generate", "--generate.prompt= a # \"b\"=c\n"}).config.generate.prompt,
            " a # \"b\"=c\n");
  EXPECT_EQ(parse({"generate", "--generate.prompt="}).config.generate.prompt, "");
}

TEST(CommandLine, ReadsTheFileAndTheEnvironment) {
  const ConfigFolder folder;
  const auto file = folder.write("a.ini", "[train]\nbatch = 2\n");
  for (const Words& words : {Words{"serve", "--config", file}, Words{"serve", "-c", file},
                             Words{"serve", "--config=" + file.string()}}) {
    const CommandLine line = parse(words, {"CHARRNN_TRAIN_CLIP=3"});
    EXPECT_EQ(line.config.train.batch, 2);
    EXPECT_EQ(line.config.train.clip, 3.0);
    EXPECT_EQ(line.config_file, file);
  }
}

TEST(CommandLine, ReadsMainsArguments) {
  const char* const argv[] = {"charrnn_pipeline", "serve", "--train.batch=3", nullptr};
  const char* const environment[] = {"HOME=/", "CHARRNN_TRAIN_CLIP=3", nullptr};
  const CommandLine line = parse_command_line(3, argv, environment);
  EXPECT_EQ(line.command->name, "serve");
  EXPECT_EQ(line.config.train.batch, 3);
  EXPECT_EQ(line.config.train.clip, 3.0);
}

TEST(CommandLine, AMisusedCommandLineExitsWith2AndASuggestion) {
  const auto [code, text] = refusal({"trian", "--print-confg", "--train.batch"});
  EXPECT_EQ(code, 2);
  EXPECT_EQ(text,
            "no command 'trian'; did you mean train?\n"
            "  no flag '--print-confg'; did you mean --print-config?\n"
            "  --train.batch has no value; write --train.batch=VALUE\n"
            "  charrnn_pipeline --help shows how it is used");
  EXPECT_EQ(refusal({"my.ini"}).second.find("no command 'my.ini'; did you mean --config my.ini?"),
            0U);
  EXPECT_EQ(refusal({"train", "serve"}).first, 2);
  EXPECT_EQ(refusal({"--config"}).first, 2);
  EXPECT_EQ(refusal({"--config=a.ini", "--config=b.ini"}).first, 2);
  EXPECT_EQ(refusal({"-x"}).first, 2);
}

TEST(CommandLine, AKeyThatDoesNotExistExitsWith3AndASuggestion) {
  const auto [code, text] = refusal({"--train.btach=3", "--train.clip=x"});
  EXPECT_EQ(code, 3);
  EXPECT_EQ(text,
            "2 mistakes in the configuration:\n"
            "  --train.btach: unknown key train.btach; did you mean train.batch?\n"
            "  --train.clip: 'x' is not a number; for example clip = 5");
}

TEST(CommandLine, TrainingNeedsACorpusAndGeneratingDoesNot) {
  for (const char* command : {"run", "train", "evaluate"}) {
    const auto [code, text] = refusal({command});
    EXPECT_EQ(code, 3) << command;
    EXPECT_NE(text.find(".files names no text; add --"), std::string::npos) << text;
  }
  EXPECT_EQ(refusal({"generate"}).first, 0);
  EXPECT_EQ(refusal({"serve"}).first, 0);
  EXPECT_EQ(refusal({"evaluate", "--evaluate.files=a.txt"}).first, 0);
  EXPECT_EQ(refusal({"train", "--print-config"}).first, 0);
}

TEST(CommandLine, HelpAndVersionLookAtNothingElse) {
  EXPECT_EQ(parse({"nonsense", "--help"}).flag->name, "--help");
  EXPECT_EQ(parse({"-h"}).flag->name, "--help");
  EXPECT_EQ(parse({"--config=none.ini", "--version"}).flag->name, "--version");
  EXPECT_EQ(parse({"--reference-ini"}).flag->name, "--reference-ini");
  EXPECT_EQ(parse({"--completion-bash"}).flag->name, "--completion-bash");
}

}  // namespace
}  // namespace charrnn
