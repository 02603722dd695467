#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace charrnn {

/// Signals that ask for an end, as a flag that a command looks at: SIGINT, SIGTERM, SIGUSR1 (batch
/// systems send it before their limit) and SIGHUP, unless that was ignored when the process began
/// (nohup). Make one in main before any other thread starts: they inherit the blocked signals, and
/// one thread of this object takes them.
/// The first signal asks for a stop and tells the user so. Those of the next two seconds are the
/// same request: wrappers forward what the process group got as well. A later one ends the process
/// at once with exit code 130: what was saved before is intact.
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

  /// From now on SIGHUP calls `reload` on the thread that takes signals, and asks for no stop: what
  /// servers do. It must be quick and not throw.
  void on_hangup(std::function<void()> reload);

  /// From now on a terminal that changes its width (SIGWINCH) calls `resized` on that thread.
  void on_resize(std::function<void()> resized);

 private:
  void take();
  void request(int number);
  bool reloads(int number);
  void resize();

  std::atomic<bool> requested_{false};
  std::atomic<bool> ends_{false};
  std::chrono::steady_clock::time_point requested_at_{};  // of the thread that takes signals
  std::mutex mutex_;
  std::function<void()> reload_;
  std::function<void()> resized_;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace charrnn
