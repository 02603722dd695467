#include "pipeline/commands/run_plan.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include "base/error.h"
#include "base/readable_number.h"
#include "model/checkpoint/run_lock.h"
#include "pipeline/graph/graph.h"
#include "pipeline/run/disk_space.h"
#include "pipeline/run/run_nodes.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

constexpr auto kNever = std::numeric_limits<std::uint64_t>::max();

std::uint64_t positive(int value) { return static_cast<std::uint64_t>(std::max(value, 0)); }

// As make_run_directory() and RunLock would find it, without making anything.
void check_run_directory(const fs::path& directory) {
  const fs::path there = nearest_existing(directory);
  std::error_code error;
  int reason = 0;
  if (!fs::is_directory(there, error)) {
    reason = ENOTDIR;
  } else if (::access(there.c_str(), W_OK | X_OK) != 0) {
    reason = errno;
  }
  if (reason != 0) {
    throw Error(
        ErrorKind::kIo,
        fmt::format("cannot use {} as run.directory: {}: {}. Choose one that can be "
                    "written to",
                    directory.string(), there.string(), std::generic_category().message(reason)));
  }
  RunLock::require_free(directory);
}

// What the graph holds of a stripe at its largest: its bytes while they become symbols of two
// bytes, or the symbols while they become batches of two symbols a character.
std::uint64_t stripe_bytes(const StartingPoint& start, const RuntimeOptions& runtime) {
  const double characters = static_cast<double>(start.lanes.rows) *
                            (static_cast<double>(start.lanes.length) * runtime.stripe_windows + 1);
  const double each = static_cast<double>(start.corpus->report().bytes) /
                      static_cast<double>(start.corpus->characters());
  return static_cast<std::uint64_t>(characters *
                                    (static_cast<double>(sizeof(Symbol)) +
                                     std::max(each, 2.0 * static_cast<double>(sizeof(Symbol)))));
}

// The gates, the states and the masked output of every layer and character that the backward pass
// reads, and the scores. libtorch keeps about twice as much, and the one-hot input.
std::uint64_t activation_bytes(const StartingPoint& start) {
  const NetworkShape& network = start.network;
  if (start.choice.backend == BackendKind::kHash) return 0;
  const bool fused = start.choice.backend == BackendKind::kFused;
  const std::uint64_t units = positive(network.hidden) * positive(network.layers);
  const Cell& cell = describe(network.cell);
  const int rounded = start.choice.precision == Precision::kBf16 ? 1 : 0;  // hidden states again
  const std::uint64_t kept = units * positive(cell.tile_count() + cell.state_count() + 1 + rounded);
  const std::uint64_t each =
      fused ? kept + 2 * positive(network.vocabulary) : 2 * kept + 4 * positive(network.vocabulary);
  return sizeof(float) * positive(start.lanes.rows) * positive(start.lanes.length) * each;
}

MemoryPlan memory_of(const StartingPoint& start, const RuntimeOptions& runtime) {
  const std::uint64_t parameters = sizeof(float) * parameter_count(start.network);
  const GraphOptions graph;
  MemoryPlan memory;
  const std::uint64_t slots = start.state.slots.size();
  const std::uint64_t gradients = start.choice.backend == BackendKind::kHash ? 0 : 1;
  memory.parameters = (1 + gradients + slots) * parameters;
  memory.carried = describe(start.network.cell).states.size() * sizeof(float) *
                   positive(start.network.layers) * positive(start.lanes.rows) *
                   positive(start.network.hidden);
  memory.activations = activation_bytes(start);
  memory.stripe = stripe_bytes(start, runtime);
  memory.batches = graph.batch_credits + graph.snapshot_credits;
  memory.batch = 2 * sizeof(Symbol) * positive(start.lanes.rows) * positive(start.lanes.length);
  memory.snapshot = (1 + slots) * parameters + memory.carried;
  memory.index = start.corpus->report().index_bytes;
  return memory;
}

double characters_of_batch(const Lanes& lanes) {
  return static_cast<double>(lanes.rows) * static_cast<double>(lanes.length);
}

// Steps and validations take turns, and train.max_seconds is of both.
void add_time(RunPlan& plan, const Config& config) {
  const StartingPoint& start = plan.start;
  const std::uint64_t done = start.progress.step;
  const double limit = config.train.max_seconds;
  const double left = std::max(0.0, limit - start.progress.seconds);
  const std::uint64_t last = last_step(start.end_batch, start.progress);
  plan.ended = done >= last || (limit > 0 && left == 0);
  plan.steps_left = plan.ended ? 0 : last - done;
  if (plan.ended || plan.pace.training <= 0.0) return;
  const double step = characters_of_batch(start.lanes) / plan.pace.training;
  const double validation =
      start.validates() ? static_cast<double>(start.validation_lanes.windows()) *
                              characters_of_batch(start.validation_lanes) / plan.pace.validating
                        : 0.0;
  const Pace pace = validation_pace(config, start);
  const double each = step + (pace.interval() == 0.0 ? 0.0 : validation / pace.interval());
  plan.ends_by_time = limit > 0 && left / each < static_cast<double>(plan.steps_left);
  if (plan.ends_by_time) plan.steps_left = static_cast<std::uint64_t>(left / each);
  if (start.validates() && plan.steps_left > 0) {
    plan.validations = 1 + pace.times(done, done + plan.steps_left - 1);
  }
  const double total = static_cast<double>(plan.steps_left) * step +
                       static_cast<double>(plan.validations) * validation;
  const bool endless = start.end_batch == kNever;
  plan.seconds_left = plan.ends_by_time ? left
                      : endless         ? std::numeric_limits<double>::infinity()
                                        : total;
}

}  // namespace

int most_checkpoints(const CheckpointOptions& options) {
  return std::max(CheckpointStore::kFewestKept, options.keep) + (options.keep_best ? 1 : 0) + 1;
}

RunPlan make_plan(const Config& config, const std::atomic<bool>& stop) {
  const std::uint64_t libraries = peak_bytes();
  check_run_directory(config.run.directory);
  const CheckpointStore store(config.run.directory / "checkpoints");
  RunPlan plan;
  plan.start = find_starting_point(config, store, &stop);
  if (plan.start.corpus->vocabulary().reading().documents.end != DocumentEnd::kNone) {
    plan.documents = count_documents(*plan.start.corpus, &stop);
  }
  plan.memory = memory_of(plan.start, config.runtime);
  plan.memory.libraries = libraries;
  plan.checkpoint =
      checkpoint_bytes(plan.start.network, plan.start.lanes.rows, plan.start.state.optimizer);
  plan.run_disk = {.folder = config.run.directory,
                   .needed = plan.checkpoint * positive(most_checkpoints(config.checkpoint)),
                   .free = free_bytes(config.run.directory)};
  plan.pace = measure_pace(plan.start, config, stop);
  check_stop(&stop, "measuring");
  add_time(plan, config);
  return plan;
}

std::optional<std::string> disk_trouble(const RunPlan& plan) {
  if (!plan.run_disk.free || *plan.run_disk.free >= plan.checkpoint) return std::nullopt;
  return fmt::format(
      "a checkpoint takes {}, and only {} are free in {}. Make room, or choose "
      "another run.directory",
      size_text(plan.checkpoint), size_text(*plan.run_disk.free), plan.run_disk.folder.string());
}

}  // namespace charrnn
