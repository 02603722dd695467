#include "pipeline/graph/graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <set>
#include <thread>

#include "base/error.h"
#include "nodes/batch_source.h"
#include "nodes/batcher.h"
#include "nodes/encoder.h"
#include "nodes/reader.h"
#include "tests/nodes/memory_corpus.h"

namespace charrnn {
namespace {

// A graph over a small corpus whose train step only notes what it gets.
struct Harness {
  MemoryCorpus corpus{varied_text(3000, 20, 11),
                      {.end = DocumentEnd::kSeparator, .separator = "b"}};
  Lanes lanes{.text = {.first = 0, .count = 3000}, .rows = 4, .length = 5};
  int stripe_windows = 3;
  std::uint64_t end_batch = 2 * lanes.windows();
  std::uint64_t validation_every = 0;
  std::uint64_t checkpoint_every = 0;
  int validation_turns = 2;
  GraphOptions options{.threads = 2, .kernel_threads = 1};

  Reader reader() {
    return Reader(corpus, lanes, {.stripe_windows = stripe_windows, .end_batch = end_batch});
  }

  std::deque<std::shared_ptr<const DeviceBatch>> begun;
  std::vector<Batch> trained;
  std::vector<std::uint64_t> validated, recorded, written;
  std::uint64_t validating = 0;
  int turns_left = 0;

  Stages stages(Reader& source) {
    return {
        .read = [&] { return source(); },
        .encode = [this](const TextStripe& stripe) { return Encoder(corpus)(stripe); },
        .cut = [](const SymbolStripe& stripe) { return cut_batches(stripe); },
        .transfer = [](Batch batch) { return std::make_shared<DeviceBatch>(std::move(batch)); },
        .asks_for_validation =
            [this](const Batch& batch) { return due(validation_every, batch.sequence + 1); },
        .begin_step =
            [this](std::shared_ptr<const DeviceBatch> batch) { begun.push_back(std::move(batch)); },
        .end_step = [this] { return train(first_begun()); },
        .stay_begun = [](const Batch&) -> std::size_t { return 0; },
        .begin_validation =
            [this](const ValidationRequest& request) {
              validating = request.step;
              turns_left = validation_turns;
            },
        .advance_validation = [this] { return turns_left-- > 0; },
        .validation_result = [this]() -> std::optional<ValidationResult> {
          return ValidationResult{.step = validating};
        },
        .record_step =
            [this](const StepDone& done) {
              recorded.push_back(done.report.step);
              std::vector<std::shared_ptr<const Checkpoint>> out;
              if (done.checkpoint) out.push_back(done.checkpoint);
              return out;
            },
        .record_validation =
            [this](const ValidationResult& result) {
              validated.push_back(result.step);
              return std::vector<std::shared_ptr<const Checkpoint>>();
            },
        .write_checkpoint = [this](const Checkpoint& c) { written.push_back(c.step); }};
  }
  static bool due(std::uint64_t every, std::uint64_t step) {
    return every != 0 && step % every == 0;
  }
  Batch first_begun() {
    Batch batch = begun.front()->host();
    begun.pop_front();
    return batch;
  }
  StepDone train(const Batch& batch) {
    trained.push_back(batch);
    StepDone done{.trained = true,
                  .report = {.step = batch.sequence + 1},
                  .validation = {},
                  .checkpoint = {}};
    if (due(validation_every, done.report.step)) {
      done.validation = ValidationRequest{.step = done.report.step, .weights = nullptr};
    }
    if (due(checkpoint_every, done.report.step)) {
      auto checkpoint = std::make_shared<Checkpoint>();
      checkpoint->step = done.report.step;
      done.checkpoint = checkpoint;
    }
    return done;
  }
  void run(const Stages& with, StageTimes& times, bool validate_apart = false) {
    Worker compute("compute"), validation("validation"), disk("disk");
    run_graph(
        with, options,
        {.compute = compute, .validation = validate_apart ? validation : compute, .disk = disk},
        times);
  }
  void run() {
    auto source = reader();
    StageTimes times;
    run(stages(source), times);
  }
  std::vector<Batch> sequential() {
    BatchSource source(corpus, lanes, {.stripe_windows = 1, .end_batch = end_batch});
    std::vector<Batch> batches;
    while (auto batch = source.next()) batches.push_back(*batch);
    return batches;
  }
};

void expect_same_batches(const std::vector<Batch>& got, const std::vector<Batch>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].sequence, i);
    ASSERT_EQ(got[i].inputs, want[i].inputs) << i;
    ASSERT_EQ(got[i].targets, want[i].targets) << i;
    ASSERT_EQ(got[i].resets, want[i].resets) << i;
  }
}

TEST(Graph, TrainsOnTheSameBatchesAsTheSequentialRunForAnyThreadsStripesAndCredits) {
  for (const int threads : {1, 2, 6}) {
    for (const int windows : {1, 3, 50}) {
      for (const int credits : {2, 5}) {
        Harness harness;
        harness.stripe_windows = windows;
        harness.options.threads = threads;
        harness.options.stripe_credits = credits;
        harness.lanes.shuffle_block = credits == 5 ? 70 : 0;
        harness.validation_every = 7;
        harness.checkpoint_every = 11;
        harness.run();
        expect_same_batches(harness.trained, harness.sequential());
      }
    }
  }
}

TEST(Graph, ValidatesAndWritesEverySnapshotInOrder) {
  Harness harness;
  harness.validation_every = 7;
  harness.checkpoint_every = 21;
  harness.run();
  std::vector<std::uint64_t> sevens, elevens;
  for (std::uint64_t n = 7; n <= harness.end_batch; n += 7) sevens.push_back(n);
  for (std::uint64_t n = 21; n <= harness.end_batch; n += 21) elevens.push_back(n);
  EXPECT_EQ(harness.validated, sevens);
  EXPECT_EQ(harness.written, elevens);
  EXPECT_EQ(harness.recorded.size(), harness.end_batch);
}

// Steps that go on beside the host: each but the last begins before the one in front of it ends,
// unless that one takes a snapshot.
TEST(Graph, BeginsStepsEarlyAndEndsThemInOrder) {
  Harness harness;
  harness.validation_every = 7;
  harness.checkpoint_every = 21;
  harness.options.batch_credits = 3;
  auto source = harness.reader();
  Stages stages = harness.stages(source);
  std::size_t most = 0;
  stages.begin_step = [&](std::shared_ptr<const DeviceBatch> batch) {
    for (const auto& earlier : harness.begun) EXPECT_NE((earlier->host().sequence + 1) % 7, 0U);
    harness.begun.push_back(std::move(batch));
    most = std::max(most, harness.begun.size());
  };
  stages.stay_begun = [&](const Batch& batch) -> std::size_t {
    return (batch.sequence + 1) % 7 != 0 ? 1 : 0;
  };
  StageTimes times;
  harness.run(stages, times);
  EXPECT_EQ(most, 2U);
  expect_same_batches(harness.trained, harness.sequential());
  EXPECT_EQ(harness.recorded.size(), harness.end_batch);
  EXPECT_EQ(harness.validated.size(), harness.end_batch / 7);
  EXPECT_EQ(times.batches_inside, 0);
  EXPECT_EQ(times[Stage::kTrainStep].read().queue, 0);
  EXPECT_EQ(times[Stage::kTrainStep].read().calls, harness.end_batch);
}

TEST(Graph, BeginsTheNextValidationStepOnlyWhenTheLastValidationHasEnded) {
  Harness harness;
  harness.validation_every = 5;
  harness.validation_turns = 40;  // far longer than five steps
  auto source = harness.reader();
  Stages stages = harness.stages(source);
  std::atomic<bool> busy{false};
  stages.begin_validation = [&](const ValidationRequest& request) {
    busy = true;
    harness.validating = request.step;
    harness.turns_left = harness.validation_turns;
  };
  stages.validation_result = [&]() -> std::optional<ValidationResult> {
    busy = false;
    return ValidationResult{.step = harness.validating};
  };
  stages.end_step = [&] {
    const Batch batch = harness.first_begun();
    EXPECT_FALSE(busy && Harness::due(5, batch.sequence + 1));
    return harness.train(batch);
  };
  StageTimes times;
  harness.run(stages, times);
  expect_same_batches(harness.trained, harness.sequential());
}

TEST(Graph, NeverHoldsMoreThanItsCredits) {
  Harness harness;
  harness.stripe_windows = 2;
  harness.options.stripe_credits = 3;
  auto source = harness.reader();
  Stages stages = harness.stages(source);
  StageTimes times;
  std::atomic<int> most_stripes{0}, most_batches{0};
  const auto note = [](std::atomic<int>& most, int now) {
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
  };
  stages.end_step = [&] {
    note(most_stripes, times.stripes_inside);
    note(most_batches, times.batches_inside);
    return harness.train(harness.first_begun());
  };
  harness.run(stages, times);
  // One stripe more than the credits: the input node reads ahead of the limiter.
  EXPECT_LE(most_stripes, harness.options.stripe_credits + 1);
  EXPECT_LE(most_batches, harness.options.batch_credits + harness.options.snapshot_credits);
  EXPECT_EQ(times.stripes_inside, 0);
  EXPECT_EQ(times.batches_inside, 0);
}

TEST(Graph, AnExceptionOfAnyStageComesOutOnceWithTheStagesName) {
  const auto failing = [](const char* stage) {
    Harness harness;
    harness.validation_every = 4;
    harness.checkpoint_every = 4;
    auto source = harness.reader();
    Stages s = harness.stages(source);
    const auto fail = [] { throw Error(ExitCode::kInput, "broken"); };
    const std::string name(stage);
    if (name == "reader")
      s.read = [&]() -> std::optional<TextStripe> {
        fail();
        return {};
      };
    if (name == "encoder")
      s.encode = [&](const TextStripe&) -> SymbolStripe {
        fail();
        return {};
      };
    if (name == "batcher")
      s.cut = [&](const SymbolStripe&) -> std::vector<Batch> {
        fail();
        return {};
      };
    if (name == "one_hot_transfer")
      s.transfer = [&](Batch) -> std::shared_ptr<DeviceBatch> {
        fail();
        return {};
      };
    if (name == "train_step")
      s.end_step = [&]() -> StepDone {
        fail();
        return {};
      };
    if (name == "validator")
      s.advance_validation = [&]() -> bool {
        fail();
        return {};
      };
    if (name == "recorder")
      s.record_step = [&](const StepDone&) -> std::vector<std::shared_ptr<const Checkpoint>> {
        fail();
        return {};
      };
    if (name == "checkpointer") s.write_checkpoint = [&](const Checkpoint&) { fail(); };
    StageTimes times;
    harness.run(s, times);
  };
  for (const auto& stage : kStageNames) {
    try {
      failing(std::string(stage).c_str());
      ADD_FAILURE() << stage << " failed silently";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kInput);
      EXPECT_EQ(std::string(error.what()), std::string(stage) + ": broken");
    }
  }
}

TEST(Graph, DrainsWhenTheSourceEndsEarly) {
  Harness harness;
  auto source = harness.reader();
  Stages stages = harness.stages(source);
  std::atomic<bool> stop{false};
  stages.read = [&]() { return stop ? std::nullopt : source(); };
  stages.end_step = [&] {
    const Batch batch = harness.first_begun();
    if (batch.sequence == 20) stop = true;
    return stop ? StepDone{} : harness.train(batch);
  };
  StageTimes times;
  harness.run(stages, times);
  EXPECT_EQ(harness.trained.size(), 20U);
  EXPECT_EQ(times.batches_inside, 0);
}

// 300 steps of 10 ms through stages that sleep; the seconds that all of it took.
double seconds_of_sleeping_stages() {
  constexpr int kSteps = 300;
  Harness harness;
  harness.corpus = MemoryCorpus(varied_text(kSteps * 20, 20, 11));
  harness.lanes = {.text = {.first = 0, .count = kSteps * 20}, .rows = 4, .length = 5};
  harness.end_batch = kSteps;
  harness.stripe_windows = 1;
  harness.validation_every = 7;
  harness.checkpoint_every = 11;
  harness.options = {.threads = 6, .stripe_credits = 4, .kernel_threads = 1};
  const auto rest = [](int milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  };
  auto source = harness.reader();
  Stages stages = harness.stages(source);
  stages.read = [&] {
    rest(8);
    return source();
  };
  stages.encode = [&](const TextStripe& stripe) {
    rest(5);
    return Encoder(harness.corpus)(stripe);
  };
  stages.end_step = [&] {
    rest(10);
    return harness.train(harness.first_begun());
  };
  stages.advance_validation = [&] {
    rest(30);
    return false;
  };
  stages.write_checkpoint = [&](const Checkpoint& c) {
    rest(30);
    harness.written.push_back(c.step);
  };
  StageTimes times;
  const auto start = std::chrono::steady_clock::now();
  harness.run(stages, times, true);
  const auto spent = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(harness.trained.size(), static_cast<std::size_t>(kSteps));
  EXPECT_EQ(harness.validated.size(), 42U);
  EXPECT_EQ(harness.written.size(), 27U);
  return std::chrono::duration<double>(spent).count();
}

// Stages that sleep use no core, so what they take together shows what runs at the same time. Other
// work on the machine can only make it longer: the best of up to five runs counts.
TEST(Graph, OverlapsReadingEncodingValidationAndWritingWithTheTrainStep) {
  constexpr double kStepsAlone = 300 * 0.010;
  double best = seconds_of_sleeping_stages();
  for (int again = 0; again < 4 && best > 1.05 * kStepsAlone; ++again) {
    best = std::min(best, seconds_of_sleeping_stages());
  }
  std::printf("%.3f s for 300 steps of 10 ms: %.3f of the train steps alone\n", best,
              best / kStepsAlone);
  EXPECT_LE(best, 1.05 * kStepsAlone);
}

}  // namespace
}  // namespace charrnn
