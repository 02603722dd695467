#include "serve/engine/duty_cycle.h"

#include <time.h>

#include <algorithm>

namespace charrnn {

DutyCycle::Clock::time_point DutyCycle::worked(Clock::time_point begin,
                                               std::chrono::nanoseconds used) {
  const std::chrono::duration<double, std::nano> owed(static_cast<double>(used.count()) / cores_);
  // A late start is no credit: what was not used is given to training for good.
  allowed_ = std::max(allowed_, begin) + std::chrono::duration_cast<Clock::duration>(owed);
  return allowed_;
}

std::chrono::nanoseconds thread_cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace charrnn
