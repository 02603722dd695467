#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace charrnn {

/// SIGINT and SIGTERM as a flag that the run looks at. Make one in main before any other thread
/// starts: they inherit the blocked signals, and one thread of this object takes them.
/// The first signal asks for a stop; a second one ends the process at once with exit code 130: the
/// last published checkpoint is intact.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// True from the first signal on.
  const std::atomic<bool>& requested() const { return requested_; }

  /// Returns at the first signal.
  void wait();

 private:
  void take();

  std::atomic<bool> requested_{false};
  std::atomic<bool> ends_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace charrnn
