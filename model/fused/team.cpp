#include "model/fused/team.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>

namespace charrnn {

Team::Team(int threads) : threads_(std::max(1, threads)), arena_(threads_) {}

void Team::run(int count, const std::function<void(int job, int member)>& job) {
  std::atomic<int> next{0};
  const auto work = [&](int member) {
    for (int i = next++; i < count; i = next++) job(i, member);
  };
  const int members = std::min(threads_, count);
  if (members <= 1) {
    work(0);
    return;
  }
  arena_.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<int>(0, members, 1),
        [&](const tbb::blocked_range<int>& range) {
          for (int member = range.begin(); member < range.end(); ++member) work(member);
        },
        tbb::simple_partitioner{});
  });
}

}  // namespace charrnn
