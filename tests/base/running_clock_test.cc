#include "base/running_clock.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace charrnn {
namespace {

using Seconds = std::chrono::duration<double>;

// Seconds by the clock while this process is stopped for half a second by a child.
double seconds_of_a_stop() {
  RunningClock::follow_stops();
  const auto start = RunningClock::now();
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    kill(parent, SIGSTOP);
    usleep(500'000);
    kill(parent, SIGCONT);
    _exit(0);
  }
  while (waitpid(child, nullptr, WNOHANG) == 0) RunningClock::now();
  return Seconds(RunningClock::now() - start).count();
}

TEST(RunningClock, StandsStillWhileTheProcessIsStopped) { EXPECT_LT(seconds_of_a_stop(), 0.4); }

TEST(RunningClock, GoesOnLikeTheSteadyClockOtherwise) {
  const auto start = RunningClock::now();
  const auto steady = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_GE(RunningClock::now() - start, std::chrono::milliseconds(20));
  EXPECT_LE(RunningClock::now() - start,
            std::chrono::steady_clock::now() - steady + std::chrono::milliseconds(20));
}

}  // namespace
}  // namespace charrnn
