#pragma once

#include <filesystem>

namespace charrnn {

/// The right to write into a run directory: one process at a time, given back at the end of the
/// object's life or the process', however it ends.
class RunLock {
 public:
  /// Locks `directory`, which is made when it is missing. The lock is flock(2) on the file `.lock`
  /// in it, which holds the process id while it is taken. Throws Error(kLocked) naming the process
  /// that has it, Error(kIo) when the directory cannot be made or written.
  explicit RunLock(const std::filesystem::path& directory);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  /// Throws Error(kLocked) as the constructor would, and leaves no trace: for whoever only asks.
  static void require_free(const std::filesystem::path& directory);

 private:
  int descriptor_ = -1;
};

}  // namespace charrnn
