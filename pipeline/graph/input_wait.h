#pragma once

#include <chrono>
#include <cstdint>

#include "pipeline/graph/stage_times.h"

namespace charrnn {

/// Measures what the train step waits for: the compute thread's time between two steps with no
/// batch at hand, less what it spent on other work meanwhile. Belongs to the compute thread.
class InputWait {
 public:
  explicit InputWait(StageTimes& times) : times_(times) {}

  void step_begins() { begin_ = Clock::now(); }
  void step_ends() {
    const auto now = Clock::now();
    if (steps_++ > 0) {
      times_.step_nanoseconds += nanoseconds(now - begin_);
      times_.input_wait_nanoseconds += nanoseconds(begin_ - free_since_ - other_);
    }
    free_since_ = now;
    other_ = {};
  }

  /// Work of another stage on the same thread.
  void other_work(std::chrono::steady_clock::duration spent) { other_ += spent; }

 private:
  using Clock = std::chrono::steady_clock;
  static std::int64_t nanoseconds(Clock::duration d) { return std::chrono::nanoseconds(d).count(); }

  StageTimes& times_;
  std::uint64_t steps_ = 0;
  Clock::time_point begin_;
  Clock::time_point free_since_;
  Clock::duration other_{};
};

}  // namespace charrnn
