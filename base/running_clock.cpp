#include "base/running_clock.h"

#include <signal.h>

#include <atomic>
#include <cerrno>

namespace charrnn {
namespace {

using Ticks = RunningClock::rep;

std::atomic<Ticks> last_asked{0};
std::atomic<Ticks> stopped{0};
static_assert(std::atomic<Ticks>::is_always_lock_free);  // a signal handler may use them

Ticks steady_ticks() noexcept {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

void continued(int) {
  const int kept = errno;
  const Ticks now = steady_ticks();
  const Ticks before = last_asked.exchange(now);
  if (before != 0 && before < now) stopped += now - before;
  errno = kept;
}

}  // namespace

RunningClock::time_point RunningClock::now() noexcept {
  while (true) {
    const Ticks before = stopped;
    const Ticks now = steady_ticks();
    last_asked = now;
    if (stopped == before) return time_point(duration(now - before));  // else stopped just now
  }
}

void RunningClock::follow_stops() {
  struct sigaction action {};
  action.sa_handler = continued;
  action.sa_flags = SA_RESTART;
  sigaction(SIGCONT, &action, nullptr);
}

}  // namespace charrnn
