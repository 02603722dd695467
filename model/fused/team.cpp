#include "model/fused/team.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>

// ThreadSanitizer does not see how TBB's library orders its threads, so it is told; this file
// itself is compiled without it.
#ifdef CHARRNN_TSAN
// NOLINTNEXTLINE(readability-identifier-naming): the runtime's own names
extern "C" void __tsan_acquire(void* address);
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" void __tsan_release(void* address);
#else
// NOLINTNEXTLINE(readability-identifier-naming)
static void __tsan_acquire(void*) {}
// NOLINTNEXTLINE(readability-identifier-naming)
static void __tsan_release(void*) {}
#endif

namespace charrnn {

namespace {

/// TBB never gives more threads than its limit (the cores, unless someone set it) and warns about
/// it on stderr.
int within_limit(int threads) {
  const auto limit = static_cast<int>(
      tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism));
  return std::clamp(threads, 1, std::max(1, limit));
}

}  // namespace

Team::Team(int threads) : threads_(within_limit(threads)), arena_(threads_) {}

void Team::run(int count, const std::function<void(int job, int member)>& job) {
  std::atomic<int> next{0};
  char finished = 0;  // an address only
  const auto work = [&](int member) {
    __tsan_acquire(&next);
    for (int i = next++; i < count; i = next++) job(i, member);
    __tsan_release(&finished);
  };
  const int members = std::min(threads_, count);
  if (members <= 1) {
    work(0);
    return;
  }
  __tsan_release(&next);
  arena_.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<int>(0, members, 1),
        [&](const tbb::blocked_range<int>& range) {
          for (int member = range.begin(); member < range.end(); ++member) work(member);
        },
        tbb::simple_partitioner{});
  });
  __tsan_acquire(&finished);
}

}  // namespace charrnn
