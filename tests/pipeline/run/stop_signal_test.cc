#include "pipeline/run/stop_signal.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace charrnn {
namespace {

using Clock = std::chrono::steady_clock;

// Asks again and again until the process ends.
[[noreturn]] void ask_for_an_end_for_good() {
  StopSignal stop;
  while (true) {
    kill(getpid(), SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

TEST(StopSignalDeathTest, ASignalAfterTwoSecondsEndsTheProcessAtOnceAndThoseBeforeDoNot) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto start = Clock::now();
  EXPECT_EXIT(ask_for_an_end_for_good(), testing::ExitedWithCode(130),
              "SIGTERM: stopping.*\n.*SIGTERM: ended at once");
  EXPECT_GE(Clock::now() - start, std::chrono::seconds(2));
}

TEST(StopSignal, AHangupReloadsWhereSomebodyAskedForThat) {
  StopSignal stop;
  std::atomic<int> reloads{0};
  stop.on_hangup([&] {
    ++reloads;
    reloads.notify_all();
  });
  kill(getpid(), SIGHUP);
  reloads.wait(0);
  EXPECT_FALSE(stop.requested());
  kill(getpid(), SIGUSR1);
  stop.wait();
  EXPECT_TRUE(stop.requested());
  EXPECT_EQ(reloads, 1);
}

TEST(StopSignal, ATerminalThatChangesItsWidthAsksForNoStop) {
  StopSignal stop;
  std::atomic<int> changes{0};
  stop.on_resize([&] {
    ++changes;
    changes.notify_all();
  });
  kill(getpid(), SIGWINCH);
  changes.wait(0);
  EXPECT_FALSE(stop.requested());
}

}  // namespace
}  // namespace charrnn
