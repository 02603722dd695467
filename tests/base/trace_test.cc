#include "base/trace.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <thread>

#include "base/error.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class TraceTest : public ::testing::Test {
 protected:
  boost::json::array events() const { return boost::json::parse(text_of(file)).as_array(); }
  // The only event of that name and phase.
  boost::json::object event(const std::string& name, const std::string& phase) const {
    std::optional<boost::json::object> found;
    for (const auto& any : events()) {
      if (any.at("name").as_string() != name || any.at("ph").as_string() != phase) continue;
      EXPECT_FALSE(found) << name << " stands twice";
      found = any.as_object();
    }
    EXPECT_TRUE(found) << name << " is missing";
    return found.value_or(boost::json::object());
  }

  TemporaryDirectory directory;
  std::filesystem::path file = directory.path() / "trace.json";
};

TEST_F(TraceTest, HoldsSpansTasksAndCountersOfNamedThreads) {
  {
    const Trace trace(file);
    const TraceSpan outer("outer", 7);
    { const TraceSpan inner("inner"); }
    std::thread([] {
      pthread_setname_np(pthread_self(), "say \"x\"");
      const TraceTask task("request");
      trace_counter("queue", 3);
    }).join();
  }
  EXPECT_EQ(event("queue", "C").at("args").at("n"), 3);
  const auto begin = event("request", "b");
  const auto end = event("request", "e");
  EXPECT_EQ(begin.at("id"), end.at("id"));
  EXPECT_LE(begin.at("ts").to_number<double>(), end.at("ts").to_number<double>());
  const auto inner = event("inner", "X");
  EXPECT_FALSE(inner.contains("args"));
  std::map<std::int64_t, std::string> threads;
  for (const auto& any : events()) {
    if (any.at("name") != "thread_name") continue;
    threads[any.at("tid").as_int64()] = any.at("args").at("name").as_string();
  }
  EXPECT_EQ(threads[inner.at("tid").as_int64()], "main");
  EXPECT_EQ(threads[begin.at("tid").as_int64()], "say _x_");
}

TEST_F(TraceTest, TellsTimesInMicrosecondsWithTheirNanoseconds) {
  {
    const Trace trace(file);
    const std::int64_t now = Trace::now();
    Trace::note({Trace::Kind::kSpan, "early", now + 1'000'000, 2'000'007, Trace::kNoNumber});
    Trace::note({Trace::Kind::kSpan, "late", now + 5'000'321, 1, Trace::kNoNumber});
  }
  EXPECT_NEAR(event("early", "X").at("dur").to_number<double>(), 2000.007, 1e-9);
  EXPECT_NEAR(event("late", "X").at("dur").to_number<double>(), 0.001, 1e-9);
  EXPECT_NEAR(event("late", "X").at("ts").to_number<double>() -
                  event("early", "X").at("ts").to_number<double>(),
              4000.321, 1e-6);
}

TEST_F(TraceTest, NotesNothingWhereThereIsNone) {
  { const TraceSpan before("before"); }
  std::optional<TraceSpan> across;
  {
    const Trace trace(file);
    EXPECT_TRUE(Trace::on());
    across.emplace("unfinished");
  }
  EXPECT_FALSE(Trace::on());
  across.reset();
  { const TraceSpan after("after"); }
  EXPECT_EQ(events().size(), 1U) << "only the process's name";
  {
    const Trace again(file);
    const TraceSpan span("again");
  }
  EXPECT_EQ(event("again", "X").at("ph"), "X");
  EXPECT_EQ(events().size(), 3U) << "what the first trace missed is not in the second";
}

TEST_F(TraceTest, CanBeReadWhileItIsWritten) {
  const Trace trace(file);
  { const TraceSpan span("done"); }
  for (int i = 0; i < 5000 && trace.events() == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const auto so_far = boost::json::parse(text_of(file) + "]").as_array();
  EXPECT_EQ(so_far.back().at("name"), "done");
}

TEST_F(TraceTest, LosesNothingOfManyThreadsAndDropsWhatABufferCannotTake) {
  constexpr int kThreads = 4, kEach = 5000;
  {
    const Trace trace(file);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([] {
        for (int n = 0; n < kEach; ++n) const TraceSpan span("one", n);
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(trace.trouble(), "");
  }
  EXPECT_EQ(events().size(), 1U + kThreads * (1 + kEach));
  std::string trouble;
  std::uint64_t written = 0;
  constexpr std::uint64_t kFlood = 2'000'000;  // far more than can be written meanwhile
  {
    const Trace trace("/dev/null");
    for (std::uint64_t n = 0; n < kFlood; ++n) trace_counter("flood", 0);
    while (trace.trouble().empty()) std::this_thread::yield();
    trouble = trace.trouble();
    written = trace.events();
  }
  EXPECT_NE(trouble.find("events came faster"), std::string::npos) << trouble;
  EXPECT_LT(written, kFlood);
}

TEST_F(TraceTest, SaysWhyItCannotBeWritten) {
  try {
    const Trace trace(directory.path() / "no such folder" / "trace.json");
    ADD_FAILURE() << "it began";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_NE(std::string(error.what()).find("no such folder"), std::string::npos);
  }
  EXPECT_FALSE(Trace::on());
  const Trace full("/dev/full");
  { const TraceSpan span("lost"); }
  for (int i = 0; i < 5000 && full.trouble().empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_NE(full.trouble().find("No space left"), std::string::npos) << full.trouble();
}

}  // namespace
}  // namespace charrnn
