#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace charrnn {

/// One thread that does jobs in the order in which they were posted, and sleeps in between. All
/// computation of a run is done by such a thread, so that kernels never see another caller.
class Worker {
 public:
  /// `name` is shown by system tools and in traces; at most 15 characters.
  explicit Worker(const std::string& name);

  /// Does the jobs that are left, then ends the thread.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Adds a job. It must not throw. Callable from any thread, jobs included.
  void post(std::function<void()> job);

  /// Does `job` here and returns when it is done; an exception of it comes out. Not from a job.
  void run(const std::function<void()>& job);

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::function<void()>> jobs_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace charrnn
