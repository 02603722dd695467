#pragma once

#include <oneapi/tbb/task_arena.h>

#include <functional>

namespace charrnn {

/// The threads that compute: numbered jobs are taken in ascending order by whoever is free.
class Team {
 public:
  /// At most as many threads as TBB allows (tbb::global_control, else the cores).
  explicit Team(int threads);

  int threads() const { return threads_; }

  /// Runs job(0) .. job(count - 1), each once, on at most threads() threads, of which the caller is
  /// one; `member` in [0, threads()) names the thread's place, for scratch memory. Nobody spins.
  void run(int count, const std::function<void(int job, int member)>& job);

 private:
  int threads_;
  tbb::task_arena arena_;
};

}  // namespace charrnn
