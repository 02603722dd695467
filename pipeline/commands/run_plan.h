#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "corpus/text_counts.h"
#include "pipeline/commands/measured_pace.h"
#include "pipeline/config/config.h"
#include "pipeline/run/starting_point.h"

namespace charrnn {

/// The memory of a training run by what takes it, in bytes.
struct MemoryPlan {
  std::uint64_t parameters = 0;   ///< weights, gradients and the optimiser's slots
  std::uint64_t carried = 0;      ///< states of the cell, hidden first
  std::uint64_t activations = 0;  ///< of one step; an estimate
  std::uint64_t stripe = 0;       ///< one stripe, when it is largest; times credits
  std::uint64_t batch = 0;        ///< one batch of symbols; times batch and snapshot credits
  int batches = 0;                ///< batch and snapshot credits
  std::uint64_t snapshot = 0;     ///< the copy that a checkpoint is written from
  std::uint64_t index = 0;        ///< of the corpus
  std::uint64_t libraries = 0;    ///< of the program itself: what it took before it began
};

/// What a run needs of a file system, in bytes.
struct DiskPlan {
  std::filesystem::path folder;
  std::uint64_t needed = 0;
  std::optional<std::uint64_t> free;  ///< nothing when the file system does not tell
};

/// All that can be said of a run before it begins.
struct RunPlan {
  StartingPoint start;                      ///< without its state
  std::optional<DocumentCounts> documents;  ///< nothing when the text is not parted
  MemoryPlan memory;
  std::uint64_t checkpoint = 0;  ///< bytes of one
  DiskPlan run_disk;             ///< of the checkpoints that are there at a time
  MeasuredPace pace;
  std::uint64_t steps_left = 0;
  std::uint64_t validations = 0;       ///< in these steps, that of the end included
  std::optional<double> seconds_left;  ///< nothing when no step could be measured
  bool ends_by_time = false;           ///< train.max_seconds comes before the last step
  bool ended = false;                  ///< a limit was reached: train would do nothing
};

/// Checkpoints that are there while one is written: the newest ones, the best one, the new one.
int most_checkpoints(const CheckpointOptions& options);

/// Does what train does before its first step, measures, and leaves the run directory untouched.
/// Throws Error as train would: what it says is why the run cannot work. Throws Stopped.
RunPlan make_plan(const Config& config, const std::atomic<bool>& stop);

/// What is wrong with the run's disk: nothing, or why not even one checkpoint can be written.
std::optional<std::string> disk_trouble(const RunPlan& plan);

}  // namespace charrnn
