#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "model/checkpoint/checkpoint.h"
#include "model/published.h"
#include "serve/server.h"

namespace charrnn {

/// Which checkpoint of a run is published: each newer one, or each better one, which has a lower
/// validation loss.
enum class Follow { kNewest, kBest };

/// Publishes each newer or better checkpoint of a run that another process trains, from
/// construction to destruction, on a thread of its own that looks once a second. One that cannot be
/// read is told once; what was published before stays.
class FollowedRun {
 public:
  /// `checkpoints` is the directory of the run's checkpoints. `published` holds one of them already
  /// and must outlive this. `tell` gets a line for each new checkpoint, on the thread of this
  /// object.
  FollowedRun(std::filesystem::path checkpoints, Follow which, PublishedSnapshot& published,
              std::function<void(const std::string& line)> tell);
  ~FollowedRun();
  FollowedRun(const FollowedRun&) = delete;
  FollowedRun& operator=(const FollowedRun&) = delete;

 private:
  void follow();
  void look();
  std::optional<std::uint64_t> wanted_step() const;
  std::optional<Snapshot> read() const;

  const CheckpointStore store_;
  const Follow which_;
  std::uint64_t step_;  // that was published last, or could not be
  PublishedSnapshot& published_;
  const std::function<void(const std::string&)> tell_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ends_ = false;  // guarded by mutex_
  std::thread thread_;
};

/// The checkpoints in this directory, for clients to choose from.
RunCheckpoints checkpoints_to_choose(const std::filesystem::path& checkpoints);

}  // namespace charrnn
