#include "pipeline/commands/plan_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "base/readable_number.h"
#include "pipeline/run/alphabet_report.h"
#include "pipeline/run/disk_space.h"

namespace charrnn {
namespace {

// Lines of two columns under headings.
class Sheet {
 public:
  void heading(std::string_view name) { text_ += fmt::format("{}\n", name); }
  void line(std::string_view name, const std::string& value) {
    text_ += fmt::format("  {:<14} {}\n", name, value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string free_text(const std::optional<std::uint64_t>& free) {
  return free ? size_text(*free) + " free" : "free space unknown";
}

void add_corpus(Sheet& sheet, const RunPlan& plan) {
  const StartingPoint& start = plan.start;
  const Corpus& corpus = *start.corpus;
  const CorpusReport report = corpus.report();
  const auto files = corpus.files();
  sheet.heading("corpus");
  sheet.line("files", files.size() == 1
                          ? files.front().string()
                          : fmt::format("{}: {} ... {}", grouped(files.size()),
                                        files.front().string(), files.back().string()));
  sheet.line("bytes", fmt::format("{} ({})", grouped(report.bytes), size_text(report.bytes)));
  sheet.line("characters", grouped(corpus.characters()));
  if (plan.documents) {
    sheet.line("documents", fmt::format("{} of {} characters on average; the longest has {}",
                                        grouped(plan.documents->documents),
                                        grouped(corpus.characters() / plan.documents->documents),
                                        grouped(plan.documents->longest)));
  }
  sheet.line("training", fmt::format("{} characters", grouped(start.lanes.text.count)));
  sheet.line("validation",
             start.validates()
                 ? fmt::format("{} characters are read each time",
                               grouped(start.validation_lanes.windows() *
                                       static_cast<std::uint64_t>(start.validation_lanes.rows) *
                                       static_cast<std::uint64_t>(start.validation_lanes.length)))
                 : "none");
}

void add_alphabet(Sheet& sheet, const Vocabulary& vocabulary,
                  const std::vector<std::string>& notes) {
  sheet.heading("vocabulary");
  sheet.line("size", fmt::format("{} {}", grouped(vocabulary.size()),
                                 vocabulary.bytes() ? "bytes" : "characters"));
  const auto sorts = odd_characters(vocabulary);
  for (const auto& [name, characters] : sorts) sheet.line(name, characters);
  for (const auto& note : notes) sheet.line("note", note);
  if (sorts.empty()) sheet.line("odd ones", "none");
}

void add_network(Sheet& sheet, const StartingPoint& start) {
  sheet.heading("network");
  sheet.line("shape", fmt::format("{} of {} units ({}) over {} symbols",
                                  counted(start.network.layers, "layer"), start.network.hidden,
                                  word_of(start.network.cell), start.network.vocabulary));
  sheet.line("parameters", grouped(parameter_count(start.network)));
}

std::string end_text(const RunPlan& plan, const Config& config) {
  std::vector<std::string> limits;
  if (config.train.epochs > 0)
    limits.push_back(fmt::format("epochs = {}", grouped(config.train.epochs)));
  if (config.train.max_steps > 0) {
    limits.push_back(fmt::format("max_steps = {}", grouped(config.train.max_steps)));
  }
  if (config.train.max_seconds > 0) {
    limits.push_back(fmt::format("max_seconds = {}", duration_text(config.train.max_seconds)));
  }
  return fmt::format("{} {} steps ({})", plan.ends_by_time ? "in about" : "in",
                     grouped(plan.steps_left), fmt::join(limits, ", "));
}

void add_run(Sheet& sheet, const RunPlan& plan, const Config& config) {
  const StartingPoint& start = plan.start;
  const Lanes& lanes = start.lanes;
  const std::uint64_t batch =
      static_cast<std::uint64_t>(lanes.rows) * static_cast<std::uint64_t>(lanes.length);
  sheet.heading("run");
  sheet.line("directory", config.run.directory.string());
  sheet.line("begins", start.resumed ? fmt::format("after step {}, where an earlier run stopped",
                                                   grouped(start.progress.step))
                                     : "anew");
  sheet.line("batch",
             fmt::format("{} rows x {} characters = {}", lanes.rows, lanes.length, grouped(batch)));
  sheet.line("epoch", fmt::format("{} batches; {} characters at the end are in none",
                                  grouped(lanes.windows()),
                                  grouped(lanes.text.count - lanes.windows() * batch)));
  if (lanes.shuffle_block > 0) {
    sheet.line("order", fmt::format("shuffled blocks of {} characters, anew each epoch",
                                    grouped(lanes.shuffle_block)));
  }
  sheet.line("ends", end_text(plan, config));
  sheet.line("validations", grouped(plan.validations));
}

void add_memory(Sheet& sheet, const RunPlan& plan, const Config& config) {
  const MemoryPlan& memory = plan.memory;
  const bool device = plan.start.choice.device != Device::kCpu;
  const std::uint64_t network = memory.parameters + memory.carried + memory.activations;
  const std::uint64_t credits = static_cast<std::uint64_t>(config.runtime.stripe_credits);
  const std::uint64_t batches = static_cast<std::uint64_t>(memory.batches);
  const std::uint64_t stream = credits * memory.stripe + batches * memory.batch;
  sheet.heading("memory");
  sheet.line(device ? std::string(word_of(plan.start.choice.device)) : "network",
             fmt::format("about {}: parameters, gradients and optimiser {}, carried state {}, "
                         "activations of a step about {}",
                         size_text(network), size_text(memory.parameters),
                         size_text(memory.carried), size_text(memory.activations)));
  sheet.line(
      "stripes",
      fmt::format("{}: {} credits x {} rows x {} (slice of {} characters)",
                  size_text(credits * memory.stripe), credits, plan.start.lanes.rows,
                  size_text(memory.stripe / static_cast<std::uint64_t>(plan.start.lanes.rows)),
                  plan.start.lanes.length * config.runtime.stripe_windows));
  sheet.line("batches", fmt::format("{}: {} credits x {}", size_text(batches * memory.batch),
                                    batches, size_text(memory.batch)));
  sheet.line("snapshots",
             fmt::format("{} while a checkpoint is written", size_text(memory.snapshot)));
  sheet.line("index", size_text(memory.index));
  const std::uint64_t host =
      (device ? 0 : network) + stream + memory.snapshot + memory.index + memory.libraries;
  sheet.line("host", fmt::format("about {}, of which libraries take {}", size_text(host),
                                 size_text(memory.libraries)));
}

void add_threads(Sheet& sheet, const RunPlan& plan, const Config& config) {
  const int cores = available_cores();
  const int graph = config.runtime.threads > 0 ? config.runtime.threads : cores;
  const BackendChoice& choice = plan.start.choice;
  sheet.heading("threads");
  sheet.line("cores", std::to_string(cores));
  if (choice.backend == BackendKind::kHash) {
    sheet.line("compute", fmt::format("{} of the graph, and 1 that digests", graph));
  } else {
    sheet.line("compute", fmt::format("{} for steps and validation on {} ({} backend, {})",
                                      choice.kernel_threads, word_of(choice.device),
                                      word_of(choice.backend), word_of(choice.precision)));
    sheet.line("between",
               fmt::format("{} of the graph: each wakes for a stripe or a batch", graph));
  }
  std::string asleep = "1 writes checkpoints, 1 takes signals";
  if (config.serve.enabled) {
    asleep += fmt::format(
        "; with the command run: 1 for connections, and 1 that writes texts, with up to {} "
        "of the computing ones while it trains",
        std::max(1, static_cast<int>(config.serve.share * choice.kernel_threads)));
  }
  sheet.line("asleep", asleep);
}

void add_disk(Sheet& sheet, const RunPlan& plan, const Config& config) {
  const CorpusReport report = plan.start.corpus->report();
  sheet.heading("disk");
  sheet.line("checkpoint",
             fmt::format("{}, up to {} at a time: {} in {}, {}", size_text(plan.checkpoint),
                         most_checkpoints(config.checkpoint), size_text(plan.run_disk.needed),
                         plan.run_disk.folder.string(), free_text(plan.run_disk.free)));
  const std::string folder =
      report.cache_folder.empty() ? "no folder" : report.cache_folder.string();
  sheet.line("cache", fmt::format("{} of plain text from {} files{}, in {}, {}",
                                  size_text(report.expanded_bytes), grouped(report.expanded_files),
                                  report.index_kept ? fmt::format(", and an index of {}",
                                                                  size_text(report.index_bytes))
                                                    : "",
                                  folder, free_text(free_bytes(report.cache_folder))));
}

void add_pace(Sheet& sheet, const RunPlan& plan) {
  const MeasuredPace& pace = plan.pace;
  sheet.heading("time");
  if (pace.training > 0) {
    sheet.line("training",
               fmt::format("{} chars/s, measured over {} steps",
                           grouped(static_cast<std::uint64_t>(std::llround(pace.training))),
                           grouped(pace.steps)));
  }
  if (pace.validating > 0) {
    sheet.line("validation",
               fmt::format("{} chars/s",
                           grouped(static_cast<std::uint64_t>(std::llround(pace.validating)))));
  }
  if (plan.ended) {
    sheet.line("to finish", "nothing: this run has ended; raise its limit to go on");
  } else {
    sheet.line("to finish", plan.seconds_left ? "about " + duration_text(*plan.seconds_left)
                                              : "unknown: no step was measured");
  }
}

}  // namespace

std::string plan_text(const RunPlan& plan, const Config& config) {
  Sheet sheet;
  add_corpus(sheet, plan);
  add_alphabet(sheet, plan.start.corpus->vocabulary(), plan.start.notes);
  add_network(sheet, plan.start);
  add_run(sheet, plan, config);
  add_memory(sheet, plan, config);
  add_threads(sheet, plan, config);
  add_disk(sheet, plan, config);
  add_pace(sheet, plan);
  return sheet.take();
}

std::vector<std::string> plan_warnings(const RunPlan& plan) {
  std::vector<std::string> warnings = plan.start.warnings;
  if (auto line = little_space(plan.run_disk.folder, plan.checkpoint, plan.run_disk.free)) {
    warnings.push_back(std::move(*line));
  }
  if (plan.start.choice.kernel_threads > available_cores()) {
    warnings.push_back(fmt::format(
        "runtime.kernel_threads = {} is more than the {} cores that this process may use",
        plan.start.choice.kernel_threads, available_cores()));
  }
  return warnings;
}

}  // namespace charrnn
