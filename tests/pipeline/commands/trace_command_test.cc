// run.trace of the real program: the file is JSON, spans nest, every stage and phase is there, and
// tracing costs next to nothing.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "base/trace.h"
#include "pipeline/graph/stage.h"
#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

struct Span {
  std::string name;
  std::int64_t begin, end;  // nanoseconds
};

std::int64_t nanoseconds(const boost::json::value& microseconds) {
  return std::llround(microseconds.to_number<double>() * 1000);
}

// What a trace file tells.
struct Told {
  std::size_t events = 0;
  std::set<std::string> names, counters, tasks;
  std::map<std::int64_t, std::string> threads;
  std::map<std::int64_t, std::vector<Span>> spans;  // of each thread

  explicit Told(const std::string& text) {
    const auto file = boost::json::parse(text);
    for (const auto& event : file.as_array()) {
      ++events;
      const std::string name(event.at("name").as_string());
      const std::int64_t thread = event.at("tid").as_int64();
      const auto& phase = event.at("ph").as_string();
      if (phase == "C") counters.insert(name);
      if (phase == "b") tasks.insert(name);
      if (name == "thread_name") threads[thread] = event.at("args").at("name").as_string();
      if (phase != "X") continue;
      names.insert(name);
      const std::int64_t begin = nanoseconds(event.at("ts"));
      spans[thread].push_back({name, begin, begin + nanoseconds(event.at("dur"))});
    }
  }

  std::string thread_of(const std::string& name) const {
    for (const auto& [thread, all] : spans) {
      const auto is = [&](const Span& span) { return span.name == name; };
      if (std::any_of(all.begin(), all.end(), is)) return threads.at(thread);
    }
    return {};
  }
};

// Every span of a thread lies within one that began before, or behind it.
void expect_nested(const Told& told) {
  for (auto [thread, all] : told.spans) {
    std::sort(all.begin(), all.end(), [](const Span& a, const Span& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    std::vector<Span> open;
    for (const Span& span : all) {
      while (!open.empty() && open.back().end <= span.begin) open.pop_back();
      if (!open.empty()) {
        EXPECT_LE(span.end, open.back().end)
            << span.name << " ends after " << open.back().name << " on " << told.threads.at(thread);
      }
      open.push_back(span);
    }
  }
}

class TraceCommandTest : public ::testing::Test {
 protected:
  std::vector<std::string> with(const std::string& command, std::vector<std::string> more) {
    std::vector<std::string> all{command, "--config", CHARRNN_SOURCE_DIR "/configs/tiny.ini",
                                 "--run.directory=" + (directory.path() / "run").string(),
                                 "--run.trace=" + file.string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  TemporaryDirectory directory;
  std::filesystem::path file = directory.path() / "trace.json";
};

TEST_F(TraceCommandTest, ShowsEveryStageAndPhaseOnItsThread) {
  const Finished done = run_program(
      with("train", {"--train.max_steps=40", "--validation.every_steps=10",
                     "--checkpoint.every_steps=20", "--model.layers=2", "--model.dropout=0.5"}));
  ASSERT_EQ(done.code, 0) << done.err;
  const Told told(read_file(file));
  expect_nested(told);
  for (const auto stage : kStageNames)
    EXPECT_TRUE(told.names.contains(std::string(stage))) << stage;
  for (const char* phase :
       {"row block", "dropout masks", "input products", "recurrent forward", "loss",
        "products from above", "recurrent backward", "gradient products", "clip, optimiser, pack",
        "snapshot", "write and sync", "read back", "rename"}) {
    EXPECT_TRUE(told.names.contains(phase)) << phase;
  }
  for (const char* counter : {"stripes inside", "batches inside", "queue of train_step"}) {
    EXPECT_TRUE(told.counters.contains(counter)) << counter;
  }
  EXPECT_EQ(told.thread_of("train_step"), "compute");
  EXPECT_EQ(told.thread_of("validator"), "compute");
  EXPECT_EQ(told.thread_of("checkpointer"), "disk");
}

TEST_F(TraceCommandTest, ShowsTheLibtorchBackendsPhases) {
  if (!kWithTorch) GTEST_SKIP() << "built without libtorch";
  const Finished done =
      run_program(with("train", {"--train.max_steps=5", "--runtime.backend=torch"}));
  ASSERT_EQ(done.code, 0) << done.err;
  const Told told(read_file(file));
  expect_nested(told);
  for (const char* phase : {"forward", "backward", "clip and optimiser"}) {
    EXPECT_EQ(told.thread_of(phase), "compute") << phase;
  }
}

TEST_F(TraceCommandTest, IsWholeAfterSigtermAndReadableAfterACrash) {
  const auto endless = with("train", {"--train.max_steps=1000000", "--train.epochs=0"});
  {
    Program program(endless);
    ASSERT_TRUE(program.wait_until([&] { return read_file(file).size() > 20000; }));
    program.signal(SIGTERM);
    EXPECT_EQ(program.finish().code, 0);
    expect_nested(Told(read_file(file)));
  }
  Program program(endless);
  ASSERT_TRUE(program.wait_until([&] { return read_file(file).size() > 20000; }));
  program.signal(SIGKILL);
  program.finish();
  // Readers of the format take what is there up to the last whole event.
  std::string text = read_file(file);
  text.resize(text.rfind('}') + 1);
  EXPECT_GT(Told(text + "]").events, 100U);
}

// Nanoseconds that a traced thread spends on one span.
double cost_of_a_span(const std::filesystem::path& file) {
  constexpr int kSpans = 8000;  // fewer than a buffer holds
  const Trace trace(file);
  double best = 1e9;
  for (int again = 0; again < 5; ++again) {
    const std::uint64_t before = trace.events();
    const std::int64_t begin = Trace::now();
    for (int i = 0; i < kSpans; ++i) const TraceSpan span("span");
    best = std::min(best, static_cast<double>(Trace::now() - begin) / kSpans);
    while (trace.events() < before + kSpans) sched_yield();
  }
  return best;
}

// At char-rnn's default shape, where steps are short.
TEST_F(TraceCommandTest, CostsLessThanAHundredthOfTheStepsTime) {
  constexpr int kSteps = 60;
  const Finished done = run_program(
      with("train", {"--train.max_steps=" + std::to_string(kSteps), "--model.hidden=128",
                     "--train.batch=50", "--train.sequence_length=50", "--train.epochs=0",
                     "--validation.every_steps=0", "--checkpoint.every_steps=0"}));
  ASSERT_EQ(done.code, 0) << done.err;
  const Told told(read_file(file));
  double seconds = 0.0;
  for (const auto& [thread, all] : told.spans) {
    for (const Span& span : all) {
      if (span.name == "train_step") seconds += static_cast<double>(span.end - span.begin) * 1e-9;
    }
  }
  const double cost = cost_of_a_span(directory.path() / "cost.json");
  const double events = static_cast<double>(told.events) / kSteps;
  const double share = events * cost * 1e-9 / (seconds / kSteps);
  std::printf("%.0f events a step of %.2f ms, %.0f ns each: %.3f %% of its time\n", events,
              seconds / kSteps * 1e3, cost, 100 * share);
  EXPECT_LT(share, 0.01);
}

}  // namespace
}  // namespace charrnn
