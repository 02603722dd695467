#include "pipeline/run_plan.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include "corpus/error.h"
#include "model/run_lock.h"
#include "pipeline/disk_space.h"
#include "pipeline/graph.h"
#include "pipeline/readable_number.h"

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
        ExitCode::kIo,
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

// The gates, cell and hidden state of every layer and character that the backward pass reads, and
// the scores. libtorch keeps more of them, and the one-hot input.
std::uint64_t activation_bytes(const StartingPoint& start) {
  const NetworkShape& network = start.network;
  if (start.choice.backend == "hash") return 0;
  const bool fused = start.choice.backend == "fused";
  const std::uint64_t units = positive(network.hidden) * positive(network.layers);
  const std::uint64_t each = fused ? 7 * units + 2 * positive(network.vocabulary)
                                   : 14 * units + 4 * positive(network.vocabulary);
  return sizeof(float) * positive(start.lanes.rows) * positive(start.lanes.length) * each;
}

MemoryPlan memory_of(const StartingPoint& start, const RuntimeOptions& runtime) {
  const std::uint64_t parameters = sizeof(float) * parameter_count(start.network);
  const GraphOptions graph;
  MemoryPlan memory;
  memory.parameters = (start.choice.backend == "hash" ? 3 : 4) * parameters;
  memory.carried = 2 * sizeof(float) * positive(start.network.layers) * positive(start.lanes.rows) *
                   positive(start.network.hidden);
  memory.activations = activation_bytes(start);
  memory.stripe = stripe_bytes(start, runtime);
  memory.batches = graph.batch_credits + graph.snapshot_credits;
  memory.batch = 2 * sizeof(Symbol) * positive(start.lanes.rows) * positive(start.lanes.length);
  memory.snapshot = 3 * parameters + memory.carried;
  memory.index = start.corpus->report().index_bytes;
  return memory;
}

// How often a multiple of `every` lies in (from, to).
std::uint64_t multiples_between(std::uint64_t from, std::uint64_t to, std::uint64_t every) {
  return every == 0 || to == 0 ? 0 : (to - 1) / every - from / every;
}

void add_time(RunPlan& plan, const Config& config) {
  const StartingPoint& start = plan.start;
  const std::uint64_t done = start.progress.next_sequence;
  plan.steps_left = start.end_batch > done ? start.end_batch - done : 0;
  if (plan.steps_left == 0) plan.seconds_left = 0.0;
  if (plan.pace.training <= 0.0) return;
  const double characters = static_cast<double>(start.lanes.rows) * start.lanes.length;
  const double limit = config.train.max_seconds - start.progress.seconds;
  double training = std::numeric_limits<double>::infinity();
  if (start.end_batch != kNever) {
    training = static_cast<double>(plan.steps_left) * characters / plan.pace.training;
  }
  plan.ends_by_time = config.train.max_seconds > 0 && limit < training;
  if (plan.ends_by_time) {
    training = std::max(0.0, limit);
    plan.steps_left = static_cast<std::uint64_t>(training * plan.pace.training / characters);
  }
  double validating = 0.0;
  if (start.validates()) {
    plan.validations =
        1 + multiples_between(done, done + plan.steps_left, config.validation.every_steps);
    validating = static_cast<double>(plan.validations) *
                 static_cast<double>(start.validation_lanes.windows()) *
                 start.validation_lanes.rows * start.validation_lanes.length / plan.pace.validating;
  }
  // Time of training includes validations in between: they take turns with the steps.
  plan.seconds_left = plan.ends_by_time ? training : training + validating;
}

}  // namespace

RunPlan make_plan(const Config& config, const std::atomic<bool>& stop) {
  const std::uint64_t libraries = peak_bytes();
  check_run_directory(config.run.directory);
  const CheckpointStore store(config.run.directory / "checkpoints");
  RunPlan plan;
  plan.start = find_starting_point(config, store, &stop);
  plan.memory = memory_of(plan.start, config.runtime);
  plan.memory.libraries = libraries;
  plan.checkpoint = checkpoint_bytes(plan.start.network, plan.start.lanes.rows);
  plan.run_disk = {.folder = config.run.directory,
                   .needed = plan.checkpoint * (positive(std::max(2, config.checkpoint.keep)) + 1),
                   .free = free_bytes(config.run.directory)};
  plan.pace = measure_pace(plan.start, config, stop);
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
