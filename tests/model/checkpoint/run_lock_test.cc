#include "model/checkpoint/run_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/error.h"
#include "tests/model/checkpoint/checkpoint_samples.h"

namespace charrnn {
namespace {

std::optional<ErrorKind> kind_of_locking(const std::filesystem::path& directory) {
  try {
    const RunLock lock(directory);
    return std::nullopt;
  } catch (const Error& error) {
    return error.kind();
  }
}

TEST(RunLock, IsTakenByOneAtATimeAndNamesTheHolder) {
  const TemporaryDirectory temporary;
  const auto run = temporary.path() / "runs" / "one";
  {
    const RunLock lock(run);
    try {
      const RunLock second(run);
      FAIL() << "locked twice";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kLocked);
      EXPECT_NE(std::string(error.what()).find(run.string()), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("process " + std::to_string(::getpid())),
                std::string::npos)
          << error.what();
    }
    EXPECT_EQ(kind_of_locking(temporary.path() / "runs" / "other"), std::nullopt);
  }
  EXPECT_EQ(kind_of_locking(run), std::nullopt);
  EXPECT_EQ(read_bytes(run / ".lock"), "");
}

TEST(RunLock, IsGivenBackWhenItsProcessIsKilled) {
  const TemporaryDirectory temporary;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const RunLock lock(temporary.path());
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(kind_of_locking(temporary.path()), ErrorKind::kLocked);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(kind_of_locking(temporary.path()), std::nullopt);
}

// Each contender holds what it got until all have tried.
TEST(RunLock, OfEightThatRaceExactlyOneWins) {
  for (int race = 0; race < 20; ++race) {
    const TemporaryDirectory temporary;
    std::vector<std::unique_ptr<RunLock>> locks(8);
    std::vector<std::thread> threads;
    for (auto& lock : locks) {
      threads.emplace_back([&lock, &temporary] {
        try {
          lock = std::make_unique<RunLock>(temporary.path() / "run");
        } catch (const Error& error) {
          EXPECT_EQ(error.kind(), ErrorKind::kLocked) << error.what();
        }
      });
    }
    for (auto& thread : threads) thread.join();
    int winners = 0;
    for (const auto& lock : locks) winners += lock ? 1 : 0;
    EXPECT_EQ(winners, 1);
  }
}

TEST(RunLock, AnUnwritablePlaceIsAnIoError) {
  EXPECT_EQ(kind_of_locking("/proc/charrnn-run"), ErrorKind::kIo);
}

}  // namespace
}  // namespace charrnn
