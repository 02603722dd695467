#include "pipeline/commands/command_table.h"

#include "pipeline/commands/commands.h"
#include "pipeline/commands/help.h"
#include "pipeline/commands/version.h"
#include "pipeline/config/config_text.h"

namespace charrnn {

const std::vector<Command>& commands() {
  static const std::vector<Command> kCommands = {
      {"run",
       "train, validate, save checkpoints and serve in one process (the default)",
       {"corpus.files"},
       run_command},
      {"train",
       "the same without serving; ends when the training does",
       {"corpus.files"},
       train_command},
      {"generate",
       "write text with the newest checkpoint to standard output",
       {},
       generate_command},
      {"evaluate",
       "score text with the newest checkpoint; prints JSON",
       {"evaluate.files", "validation.files", "corpus.files"},
       evaluate_command},
      {"score",
       "tell how surprising each line of a text is, by the newest checkpoint",
       {},
       score_command},
      {"export",
       "write the newest checkpoint as files for PyTorch, safetensors and tokenizers",
       {},
       export_command},
      {"serve", "serve the newest checkpoint", {}, serve_command},
      {"plan",
       "tell what training would take and whether it can work; train nothing",
       {"corpus.files"},
       plan_command},
      {"inspect",
       "show the first batches as text, with the place of every row",
       {"corpus.files"},
       inspect_command},
  };
  return kCommands;
}

const std::vector<Flag>& flags() {
  using Needs = Flag::Needs;
  static const std::vector<Flag> kFlags = {
      {"--help", "this text (also -h)", Needs::kNothing,
       [](const CommandLine&) { return help_text(); }},
      {"--version", "the versions of the program and its libraries", Needs::kNothing,
       [](const CommandLine&) { return version_text(); }},
      {"--print-config", "every key, its value and where it came from", Needs::kConfig,
       [](const CommandLine& line) { return print_config(line.config, line.origins); }},
      {"--reference-ini", "a commented configuration with every key", Needs::kArguments,
       [](const CommandLine&) { return reference_ini(); }},
      {"--completion-bash", "completion for bash: source <(charrnn_pipeline --completion-bash)",
       Needs::kArguments, [](const CommandLine&) { return bash_completion(); }},
  };
  return kFlags;
}

}  // namespace charrnn
