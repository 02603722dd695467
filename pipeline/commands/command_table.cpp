#include "pipeline/commands/command_table.h"

#include <algorithm>

#include "pipeline/commands/commands.h"
#include "pipeline/commands/completion.h"
#include "pipeline/commands/help.h"
#include "pipeline/commands/man_page.h"
#include "pipeline/commands/version.h"
#include "pipeline/config/config_text.h"

namespace charrnn {
namespace {

using Keys = std::vector<std::string>;

const Keys kTrainingKeys = {"corpus", "model",   "train", "validation", "checkpoint",
                            "run",    "metrics", "log",   "runtime",    "cluster"};

Keys with_training_keys(Keys more) {
  more.insert(more.begin(), kTrainingKeys.begin(), kTrainingKeys.end());
  return more;
}

// What a command that reads the newest checkpoint and computes with it looks at.
Keys with_model_keys(Keys more) {
  more.insert(more.end(), {"run.directory", "run.checkpoint", "run.trace", "runtime.kernel_threads",
                           "serve.threads", "serve.weights", "log"});
  return more;
}

std::vector<Command> training_commands() {
  return {
      {"run",
       "train, validate, save checkpoints and serve in one process (the default)",
       {"corpus.files"},
       with_training_keys({"serve", "generate"}),
       "  charrnn_pipeline --config configs/quickstart.ini --corpus.files=book.txt\n"
       "  charrnn_pipeline run --corpus.files='texts/**/*.txt' --run.directory=runs/texts\n",
       run_command},
      {"init",
       "write a commented configuration for a text, by three questions or by keys",
       {},
       {"init", "corpus.files", "train.max_seconds"},
       "  charrnn_pipeline init\n"
       "  charrnn_pipeline init --corpus.files=book.txt --train.max_seconds=30m "
       "--init.config=book.ini\n",
       init_command},
      {"train",
       "the same without serving; ends when the training run does",
       {"corpus.files"},
       kTrainingKeys,
       "  charrnn_pipeline train --config configs/quickstart.ini --corpus.files=book.txt\n"
       "  zcat dump.gz | charrnn_pipeline train --corpus.files=- --train.max_seconds=1h\n",
       train_command},
      {"plan",
       "tell what training would take and whether it can work; train nothing",
       {"corpus.files"},
       kTrainingKeys,
       "  charrnn_pipeline plan --config configs/quickstart.ini --corpus.files=book.txt\n",
       plan_command},
      {"inspect",
       "show the first batches as text, with the place of every row",
       {"corpus.files"},
       {"inspect", "corpus", "train.batch", "train.sequence_length", "train.seed",
        "train.initial_weights", "train.vocabulary", "validation.files", "runtime.stripe_windows",
        "run.directory", "log"},
       "  charrnn_pipeline inspect --corpus.files=book.txt --inspect.batches=3 --inspect.rows=0\n",
       inspect_command},
  };
}

std::vector<Command> model_commands() {
  return {
      {"generate",
       "write text with the newest checkpoint to standard output",
       {},
       with_model_keys({"generate", "corpus"}),
       "  charrnn_pipeline generate --run.directory=runs/book --generate.prompt='Anna'\n"
       "  charrnn_pipeline generate --run.directory=runs/book --generate.samples=10 "
       "--generate.format=jsonl\n"
       "  charrnn_pipeline generate --config names.ini --generate.count=10000 "
       "--generate.unique=true "
       "--generate.novel=true\n",
       generate_command},
      {"evaluate",
       "score text with the newest checkpoint; prints JSON",
       {"evaluate.files", "validation.files", "corpus.files"},
       with_model_keys({"evaluate", "validation", "corpus"}),
       "  charrnn_pipeline evaluate --run.directory=runs/book --evaluate.files=other.txt\n",
       evaluate_command},
      {"score",
       "tell how surprising each line of a text is, by the newest checkpoint",
       {},
       with_model_keys({"score"}),
       "  tail -f app.log | charrnn_pipeline score --run.directory=runs/logs\n"
       "  charrnn_pipeline score --run.directory=runs/logs --score.files='*.log' --score.top=50\n",
       score_command},
      {"export",
       "write a checkpoint as files for PyTorch, safetensors and tokenizers",
       {},
       {"export", "run.directory", "run.checkpoint", "log"},
       "  charrnn_pipeline export --run.directory=runs/book --export.directory=book-model\n",
       export_command},
      {"report",
       "write a page of curves, samples, stage times and keys of a run, or of several runs beside "
       "each other",
       {},
       {"report", "run.directory"},
       "  charrnn_pipeline report runs/book\n"
       "  charrnn_pipeline report runs/adam runs/muon --report.page=compared.html\n",
       report_command,
       "report.runs"},
      {"serve",
       "serve the newest checkpoint",
       {},
       {"serve", "generate", "run.directory", "run.checkpoint", "run.trace",
        "runtime.kernel_threads", "log"},
       "  charrnn_pipeline serve --run.directory=runs/book --serve.port=8000\n",
       serve_command},
  };
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> kCommands = [] {
    std::vector<Command> all = training_commands();
    for (Command& command : model_commands()) all.push_back(std::move(command));
    return all;
  }();
  return kCommands;
}

bool matters_to(const Command& command, const Option& option) {
  return std::ranges::any_of(command.keys, [&](const std::string& named) {
    return named == option.section() || named == option.key;
  });
}

const std::vector<Flag>& flags() {
  using Needs = Flag::Needs;
  static const std::vector<Flag> kFlags = {
      {"--help", "this text (also -h); --help COMMAND: examples and keys of a command",
       Needs::kNothing,
       [](const CommandLine& line) {
         return line.names_command ? command_help(*line.command) : help_text();
       }},
      {"--quiet", "tell only warnings and errors (also -q); the same as --log.quiet=true",
       Needs::kConfig, nullptr, "log.quiet"},
      {"--version", "the versions of the program and its libraries", Needs::kNothing,
       [](const CommandLine&) { return version_text(); }},
      {"--print-config", "every key, its value and where it came from", Needs::kConfig,
       [](const CommandLine& line) { return print_config(line.config, line.origins); }},
      {"--reference-ini", "a commented configuration with every key", Needs::kArguments,
       [](const CommandLine&) { return reference_ini(); }},
      {"--man", "the manual page: charrnn_pipeline --man | man -l -", Needs::kArguments,
       [](const CommandLine&) { return man_page(); }},
      {"--completion-bash", "completion for bash: source <(charrnn_pipeline --completion-bash)",
       Needs::kArguments, [](const CommandLine&) { return bash_completion(); }},
      {"--completion-zsh", "completion for zsh: a file _charrnn_pipeline in a folder of $fpath",
       Needs::kArguments, [](const CommandLine&) { return zsh_completion(); }},
      {"--completion-fish", "completion for fish: charrnn_pipeline --completion-fish | source",
       Needs::kArguments, [](const CommandLine&) { return fish_completion(); }},
  };
  return kFlags;
}

}  // namespace charrnn
