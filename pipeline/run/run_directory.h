#pragma once

#include <filesystem>
#include <optional>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/run_lock.h"
#include "nodes/metrics_log.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// The directory of one training run, locked as long as this object lives.
class RunDirectory {
 public:
  /// Makes the directory where it is missing, locks it and removes what a killed run left half
  /// written. Throws Error(kIo) when it cannot be made or written to, or another run has it.
  explicit RunDirectory(const std::filesystem::path& directory);

  const std::filesystem::path& path() const { return path_; }
  const CheckpointStore& store() const { return store_; }
  MetricsLog& log() { return log_.value(); }

  /// Opens metrics.jsonl. To be called before log().
  void open_log() { log_.emplace(path_ / "metrics.jsonl"); }

  /// Takes back the records behind the checkpoint that the run goes on from, and writes the
  /// configuration as config.ini. Throws Error(kIo).
  void go_on_from(std::uint64_t step, const std::optional<PendingValidation>& pending,
                  const Config& config);

  /// Makes again what somebody removed under the run, and goes on in the metrics.jsonl that is
  /// there then. Throws Error(kIo).
  void put_back(const Config& config);

 private:
  std::filesystem::path path_;
  RunLock lock_;
  CheckpointStore store_;
  std::optional<MetricsLog> log_;
};

}  // namespace charrnn
