#include "pipeline/graph/worker.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace charrnn {
namespace {

TEST(Worker, DoesJobsInOrderOnOneThreadAndAllOfThemBeforeItEnds) {
  std::vector<int> done;
  std::vector<std::thread::id> threads;
  {
    Worker worker("test");
    for (int i = 0; i < 100; ++i) {
      worker.post([&, i] {
        done.push_back(i);
        threads.push_back(std::this_thread::get_id());
      });
    }
  }
  ASSERT_EQ(done.size(), 100U);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
    EXPECT_EQ(threads[static_cast<std::size_t>(i)], threads[0]);
  }
}

TEST(Worker, RunGivesTheJobsExceptionToTheCaller) {
  Worker worker("test");
  EXPECT_THROW(worker.run([] { throw std::runtime_error("broken"); }), std::runtime_error);
  int after = 0;
  worker.run([&] { after = 1; });
  EXPECT_EQ(after, 1);
}

}  // namespace
}  // namespace charrnn
