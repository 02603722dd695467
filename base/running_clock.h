#pragma once

#include <chrono>

namespace charrnn {

/// The steady clock without the time in which this process was stopped (Ctrl-Z, SIGSTOP). A
/// suspended machine stops the steady clock itself.
/// A stop is known by the SIGCONT that ends it: what has passed since somebody last asked for the
/// time then counts as stopped. That is too much by at most the pause between two askers.
struct RunningClock {
  using duration = std::chrono::steady_clock::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<RunningClock>;
  static constexpr bool is_steady = true;

  /// Any thread.
  static time_point now() noexcept;

  /// Takes SIGCONT from now on; before that this is the steady clock.
  static void follow_stops();
};

}  // namespace charrnn
