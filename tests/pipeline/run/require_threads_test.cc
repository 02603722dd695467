#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <system_error>

#include "pipeline/run/backend_choice.h"

namespace charrnn {
namespace {

// With room for the stacks of a few threads, asks for hundreds.
[[noreturn]] void ask_for_more_than_there_is_room_for() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t room = pages * static_cast<rlim_t>(getpagesize()) + (rlim_t{64} << 20);
  const rlimit limit{room, room};
  setrlimit(RLIMIT_AS, &limit);
  try {
    require_threads({.threads = 512, .kernel_threads = 1});
  } catch (const std::system_error& error) {
    _exit(error.code() == std::errc::resource_unavailable_try_again ? 10 : 1);
  }
  _exit(0);
}

TEST(RequireThreadsDeathTest, TellsThatThereAreTooFewBeforeALibraryNeedsThem) {
  require_threads({.threads = 3, .kernel_threads = 2});
  EXPECT_EXIT(ask_for_more_than_there_is_room_for(), testing::ExitedWithCode(10), "");
}

}  // namespace
}  // namespace charrnn
