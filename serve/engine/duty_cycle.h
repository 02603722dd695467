#pragma once

#include <chrono>

namespace charrnn {

/// Bounds the cores that a thread takes over time: work that used c core-seconds is followed by
/// rest until c / cores seconds have passed since it began.
class DutyCycle {
 public:
  using Clock = std::chrono::steady_clock;

  /// `cores`: what the thread may take of them, e.g. 0.25 x 2.
  explicit DutyCycle(double cores) : cores_(cores) {}

  /// Work that began at `begin` has used `used` of a core. Returns when the next may begin.
  Clock::time_point worked(Clock::time_point begin, std::chrono::nanoseconds used);

 private:
  double cores_;
  Clock::time_point allowed_{};
};

/// Core time that the calling thread has used so far.
std::chrono::nanoseconds thread_cpu_time();

}  // namespace charrnn
