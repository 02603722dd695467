#include "pipeline/graph/graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "nodes/batch_source.h"
#include "nodes/corpus_source.h"
#include "tests/nodes/memory_corpus.h"

namespace charrnn {
namespace {

// A run over a small corpus whose train step only notes what it gets.
struct Harness : Trainer, SnapshotScorer, RunRecord, CheckpointWriter {
  MemoryCorpus corpus{varied_text(3000, 20, 11),
                      {.end = DocumentEnd::kSeparator, .separator = "b"}};
  Lanes lanes{.text = {.first = 0, .count = 3000}, .rows = 4, .length = 5};
  int stripe_windows = 3;
  std::uint64_t end_batch = 2 * lanes.windows();
  std::uint64_t validation_every = 0;
  std::uint64_t checkpoint_every = 0;
  int validation_turns = 2;
  std::size_t depth = 1;
  GraphOptions options{.threads = 2, .kernel_threads = 1};
  /// Called when a stage begins to work; may throw.
  std::function<void(std::string_view stage)> on_stage = [](std::string_view) {};
  /// Called when a stripe is read or encoded, and when a checkpoint is written.
  std::function<void(std::uint64_t stripe, const char* stage)> on_stripe = [](auto, auto) {};
  std::function<void(std::uint64_t step)> on_write = [](std::uint64_t) {};
  /// True: this batch passes through untrained.
  std::function<bool(const Batch&)> passes = [](const Batch&) { return false; };

  std::deque<std::shared_ptr<const DeviceBatch>> begun;
  std::size_t most_begun = 0;
  std::vector<Batch> trained;
  std::vector<std::uint64_t> validated_steps, recorded, written;
  std::uint64_t validating = 0;
  int turns_left = 0;
  std::atomic<bool> stop{false};

  // The corpus's batches, with the hooks of the harness.
  struct Source : CorpusSource {
    Source(Harness& owner, const Ending& ending)
        : CorpusSource(owner.corpus, owner.lanes,
                       {.stripe_windows = owner.stripe_windows, .end_batch = owner.end_batch},
                       &ending),
          harness(owner) {}
    std::optional<TextStripe> read() override {
      harness.on_stage("reader");
      harness.on_stripe(stripes_read++, "reader");
      return CorpusSource::read();
    }
    SymbolStripe encode(const TextStripe& stripe) const override {
      harness.on_stage("encoder");
      harness.on_stripe(stripe.span.first_batch, "encoder");
      return CorpusSource::encode(stripe);
    }
    std::vector<Batch> cut(const SymbolStripe& stripe) const override {
      harness.on_stage("batcher");
      return CorpusSource::cut(stripe);
    }
    Harness& harness;
    std::uint64_t stripes_read = 0;
  };

  std::shared_ptr<const DeviceBatch> transfer(Batch batch) override {
    on_stage("one_hot_transfer");
    return std::make_shared<DeviceBatch>(std::move(batch));
  }
  bool asks_for_validation(const Batch& batch) const override {
    return due(validation_every, batch.index + 1);
  }
  std::size_t stay_begun(const Batch& batch) const override {
    return asks_for_validation(batch) ? 0 : depth - 1;
  }
  void begin(std::shared_ptr<const DeviceBatch> batch) override {
    for (const auto& earlier : begun) EXPECT_FALSE(asks_for_validation(earlier->host()));
    begun.push_back(std::move(batch));
    most_begun = std::max(most_begun, begun.size());
    on_stage("train_step");
  }
  StepDone end() override {
    const Batch batch = begun.front()->host();
    begun.pop_front();
    return passes(batch) ? StepDone{} : train(batch);
  }
  StepDone train(const Batch& batch) {
    trained.push_back(batch);
    StepDone done{.trained = true,
                  .report = {.progress = {.step = batch.index + 1}},
                  .validation = {},
                  .checkpoint = {}};
    if (due(validation_every, done.report.progress.step)) {
      done.validation = ValidationRequest{.step = done.report.progress.step, .weights = nullptr};
    }
    if (due(checkpoint_every, done.report.progress.step)) {
      auto checkpoint = std::make_shared<Checkpoint>();
      checkpoint->progress.step = done.report.progress.step;
      done.checkpoint = checkpoint;
    }
    return done;
  }

  void begin(ValidationRequest request) override {
    validating = request.step;
    turns_left = validation_turns;
  }
  bool advance() override {
    on_stage("validator");
    return turns_left-- > 0;
  }
  std::optional<ValidationResult> result() const override {
    return ValidationResult{.step = validating};
  }

  Checkpoints step(const StepDone& done) override {
    on_stage("recorder");
    recorded.push_back(done.report.progress.step);
    return done.checkpoint ? Checkpoints{done.checkpoint} : Checkpoints{};
  }
  Checkpoints validated(const ValidationResult& result) override {
    validated_steps.push_back(result.step);
    return {};
  }

  CheckpointOutcome write(const Checkpoint& checkpoint) override {
    on_stage("checkpointer");
    on_write(checkpoint.progress.step);
    written.push_back(checkpoint.progress.step);
    return {.step = checkpoint.progress.step, .written = true, .error = {}, .warnings = {}};
  }

  static bool due(std::uint64_t every, std::uint64_t step) {
    return every != 0 && step % every == 0;
  }
  void run(bool validate_apart = false) {
    const Ending ending(stop);
    Source source(*this, ending);
    Worker compute("compute"), validation("validation"), disk("disk");
    run_graph(
        {.source = source,
         .trainer = *this,
         .validator = *this,
         .recorder = *this,
         .checkpointer = *this},
        options,
        {.compute = compute, .validation = validate_apart ? validation : compute, .disk = disk},
        times);
  }
  std::vector<Batch> sequential() {
    BatchSource source(corpus, lanes, {.stripe_windows = 1, .end_batch = end_batch});
    std::vector<Batch> batches;
    while (auto batch = source.next()) batches.push_back(*batch);
    return batches;
  }

  StageTimes times;
};

void expect_same_batches(const std::vector<Batch>& got, const std::vector<Batch>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].index, i);
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
  EXPECT_EQ(harness.validated_steps, sevens);
  EXPECT_EQ(harness.written, elevens);
  EXPECT_EQ(harness.recorded.size(), harness.end_batch);
}

TEST(Graph, BeginsStepsEarlyAndEndsThemInOrder) {
  Harness harness;
  harness.validation_every = 7;
  harness.checkpoint_every = 21;
  harness.depth = 2;
  harness.options.batch_credits = 3;
  harness.run();
  EXPECT_EQ(harness.most_begun, 2U);
  expect_same_batches(harness.trained, harness.sequential());
  EXPECT_EQ(harness.recorded.size(), harness.end_batch);
  EXPECT_EQ(harness.validated_steps.size(), harness.end_batch / 7);
  EXPECT_EQ(harness.times.batches_inside, 0);
  EXPECT_EQ(harness.times[Stage::kTrainStep].read().queue, 0);
  EXPECT_EQ(harness.times[Stage::kTrainStep].read().calls, harness.end_batch);
}

TEST(Graph, BeginsTheNextValidationStepOnlyWhenTheLastValidationHasEnded) {
  Harness harness;
  harness.validation_every = 5;
  harness.validation_turns = 40;  // far longer than five steps
  harness.on_stage = [&](std::string_view stage) {
    if (stage != "train_step") return;
    const bool validating = harness.turns_left > 0;
    EXPECT_FALSE(validating && harness.asks_for_validation(harness.begun.back()->host()));
  };
  harness.run();
  expect_same_batches(harness.trained, harness.sequential());
}

TEST(Graph, NeverHoldsMoreThanItsCredits) {
  Harness harness;
  harness.stripe_windows = 2;
  harness.options.stripe_credits = 3;
  int most_stripes = 0, most_batches = 0;
  harness.on_stage = [&](std::string_view stage) {
    if (stage != "train_step") return;
    most_stripes = std::max<int>(most_stripes, harness.times.stripes_inside);
    most_batches = std::max<int>(most_batches, harness.times.batches_inside);
  };
  harness.run();
  // One stripe more than the credits: the input node reads ahead of the limiter.
  EXPECT_LE(most_stripes, harness.options.stripe_credits + 1);
  EXPECT_LE(most_batches, harness.options.batch_credits + harness.options.snapshot_credits);
  EXPECT_EQ(harness.times.stripes_inside, 0);
  EXPECT_EQ(harness.times.batches_inside, 0);
}

TEST(Graph, AnExceptionOfAnyStageComesOutOnceWithTheStagesName) {
  for (const auto& failing : kStageNames) {
    Harness harness;
    harness.validation_every = 4;
    harness.checkpoint_every = 4;
    harness.on_stage = [&](std::string_view stage) {
      if (stage == failing) throw Error(ErrorKind::kInput, "broken");
    };
    try {
      harness.run();
      ADD_FAILURE() << failing << " failed silently";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInput);
      EXPECT_EQ(std::string(error.what()), std::string(failing) + ": broken");
    }
  }
}

TEST(Graph, DrainsWhenTheSourceEndsEarly) {
  Harness harness;
  harness.passes = [&](const Batch& batch) {
    if (batch.index == 20) harness.stop = true;
    return harness.stop.load();
  };
  harness.run();
  EXPECT_EQ(harness.trained.size(), 20U);
  EXPECT_EQ(harness.times.batches_inside, 0);
}

// A train step that stays open until other stages have worked, which they may do only meanwhile: a
// graph that does one thing after the other would stand still.
class OpenStep {
 public:
  /// The train step: open until so many stages have worked.
  void hold(std::uint64_t step, int others) {
    std::unique_lock lock(mutex_);
    open_ = step;
    worked_ = 0;
    wait(lock, "the other stages", step, [&] { return worked_ == others; });
    open_.reset();
  }

  /// Another stage's work.
  void during(std::uint64_t step, const char* stage) {
    std::unique_lock lock(mutex_);
    wait(lock, stage, step, [&] { return open_ == step; });
    ++worked_;
    changed_.notify_all();
  }

 private:
  // One that waits in vain lets everybody go.
  template <typename Condition>
  void wait(std::unique_lock<std::mutex>& lock, const char* who, std::uint64_t step,
            Condition met) {
    changed_.notify_all();
    if (changed_.wait_for(lock, std::chrono::seconds(30), [&] { return stuck_ || met(); })) return;
    ADD_FAILURE() << who << " did not meet train step " << step;
    stuck_ = true;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::uint64_t> open_;
  int worked_ = 0;
  bool stuck_ = false;
};

TEST(Graph, OverlapsReadingEncodingValidationAndWritingWithTheTrainStep) {
  constexpr std::uint64_t kSteps = 100;
  Harness harness;
  harness.corpus = MemoryCorpus(varied_text(kSteps * 20, 20, 11));
  harness.lanes = {.text = {.first = 0, .count = kSteps * 20}, .rows = 4, .length = 5};
  harness.end_batch = kSteps;
  harness.stripe_windows = 1;  // stripe n holds batch n alone
  harness.validation_every = 7;
  harness.checkpoint_every = 11;
  harness.options = {.threads = 6, .stripe_credits = 4, .kernel_threads = 1};
  harness.validation_turns = 0;
  OpenStep open;
  harness.on_stripe = [&](std::uint64_t stripe, const char* stage) {
    if (stripe > 0 && stripe < kSteps) open.during(stripe - 1, stage);
  };
  // Batch n is what is trained on after n steps.
  harness.on_stage = [&](std::string_view stage) {
    if (stage == "validator") open.during(harness.validating, "validator");
    if (stage != "train_step") return;
    const std::uint64_t step = harness.begun.back()->host().index;
    const int reading = step + 1 < kSteps ? 2 : 0;
    const bool validates = step > 0 && Harness::due(7, step);
    const bool writes = step > 0 && Harness::due(11, step);
    open.hold(step, reading + int{validates} + int{writes});
  };
  harness.on_write = [&](std::uint64_t step) { open.during(step, "checkpointer"); };
  harness.run(/*validate_apart=*/true);
  EXPECT_EQ(harness.trained.size(), kSteps);
  EXPECT_EQ(harness.validated_steps.size(), kSteps / 7);
  EXPECT_EQ(harness.written.size(), kSteps / 11);
}

}  // namespace
}  // namespace charrnn
