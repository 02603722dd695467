#include "serve/engine.h"

#include <gtest/gtest.h>

#include <semaphore>

#include "client.h"
#include "small_model.h"

namespace charrnn {
namespace {

Generation generation_of(std::shared_ptr<const Snapshot> snapshot, const std::string& prompt,
                         std::uint64_t length, std::uint64_t seed) {
  Generation generation;
  generation.snapshot = std::move(snapshot);
  generation.prompt = generation.snapshot->vocabulary->encode(prompt);
  generation.max_tokens = length;
  generation.seed = seed;
  return generation;
}

// A client of the engine that takes from its own stream.
struct Taker {
  // The engine may still tell of the last piece when it was taken and the taker is gone.
  using Semaphore = std::counting_semaphore<>;
  std::shared_ptr<Semaphore> ready = std::make_shared<Semaphore>(0);
  std::shared_ptr<Stream> stream;

  explicit Taker(Generation generation)
      : stream(std::make_shared<Stream>(std::move(generation),
                                        [ready = ready] { ready->release(); })) {}

  Piece take_all(Engine& engine) {
    Piece all;
    while (!all.finish) {
      bool was_full = false;
      Piece piece = stream->take(was_full);
      if (was_full) engine.wake();
      if (piece.text.empty() && !piece.finish) ready->acquire();
      all.text += piece.text;
      for (auto& score : piece.scores) all.scores.push_back(std::move(score));
      all.prompt_tokens = piece.prompt_tokens;
      all.completion_tokens = piece.completion_tokens;
      all.finish = piece.finish;
    }
    return all;
  }
};

class EngineTest : public testing::Test {
 protected:
  static void tell(const Engine::Streams& streams) {
    for (const auto& stream : streams) stream->ready();
  }
  std::shared_ptr<const Snapshot> snapshot_ = small_snapshot(1);
  EngineOptions options_;
};

TEST_F(EngineTest, GivesTheTextOfGenerateWithItsCounts) {
  Engine engine(options_, tell);
  Taker taker(generation_of(snapshot_, "once", 40, 7));
  ASSERT_TRUE(engine.submit({taker.stream}));
  const Piece all = taker.take_all(engine);
  EXPECT_EQ(all.text, generated(*snapshot_, "once", 40, 7));
  EXPECT_EQ(all.finish, Finish::kLength);
  EXPECT_EQ(all.prompt_tokens, 4U);
  EXPECT_EQ(all.completion_tokens, 40U);
}

TEST_F(EngineTest, NeighboursChangeNothing) {
  for (const int count : {1, 4, 16, 64}) {
    Engine engine(options_, tell);
    std::vector<std::unique_ptr<Taker>> takers;
    for (int i = 0; i < count; ++i) {
      const std::string prompt(static_cast<std::size_t>(i % 5 * 13), 'q');
      takers.push_back(std::make_unique<Taker>(
          generation_of(snapshot_, prompt, 30 + static_cast<std::uint64_t>(i % 7), 100 + i)));
      ASSERT_TRUE(engine.submit({takers.back()->stream}));
    }
    for (int i = 0; i < count; ++i) {
      const std::string prompt(static_cast<std::size_t>(i % 5 * 13), 'q');
      EXPECT_EQ(takers[static_cast<std::size_t>(i)]->take_all(engine).text,
                generated(*snapshot_, prompt, 30 + static_cast<std::uint64_t>(i % 7), 100 + i));
    }
  }
}

TEST_F(EngineTest, StreamsOfSeveralSnapshotsKeepTheirOwn) {
  Engine engine(options_, tell);
  std::vector<std::shared_ptr<const Snapshot>> snapshots;
  std::vector<std::unique_ptr<Taker>> takers;
  for (std::uint64_t i = 0; i < 12; ++i) {
    snapshots.push_back(small_snapshot(1 + i % 3));
    takers.push_back(std::make_unique<Taker>(generation_of(snapshots.back(), "ab", 50, i)));
    ASSERT_TRUE(engine.submit({takers.back()->stream}));
  }
  for (std::uint64_t i = 0; i < 12; ++i) {
    EXPECT_EQ(takers[i]->take_all(engine).text, generated(*snapshots[i], "ab", 50, i));
  }
}

TEST_F(EngineTest, TheTextIsTheSameForAnyThreadsAndBesideATraining) {
  const auto wide = small_snapshot(4, 256);
  const std::string expected = generated(*wide, "once", 60, 9);
  for (const int threads : {1, 2, 3}) {
    options_.threads = threads;
    Engine engine(options_, tell);
    std::vector<std::unique_ptr<Taker>> takers;
    for (int i = 0; i < 40; ++i) {
      takers.push_back(std::make_unique<Taker>(generation_of(wide, "once", 60, 9)));
      ASSERT_TRUE(engine.submit({takers.back()->stream}));
    }
    engine.training(threads == 2);
    for (auto& taker : takers) EXPECT_EQ(taker->take_all(engine).text, expected);
  }
}

TEST_F(EngineTest, WeightsIn8BitsGiveTheTextOfGenerateWithThem) {
  options_.weights = WeightFormat::kInt8;
  Engine engine(options_, tell);
  Taker taker(generation_of(snapshot_, "once", 200, 7));
  ASSERT_TRUE(engine.submit({taker.stream}));
  std::string expected;
  const auto append = [&](std::string_view part) {
    expected += part;
    return true;
  };
  GenerateOptions wanted;
  wanted.prompt = "once";
  wanted.length = 200;
  wanted.seed = 7;
  generate(*snapshot_, wanted, append, {.weights = WeightFormat::kInt8});
  EXPECT_EQ(taker.take_all(engine).text, expected);
}

TEST_F(EngineTest, AnEmptyPromptBeginsAtTheZeroState) {
  Engine engine(options_, tell);
  Taker taker(generation_of(snapshot_, "", 20, 3));
  ASSERT_TRUE(engine.submit({taker.stream}));
  const Piece all = taker.take_all(engine);
  EXPECT_EQ(all.text, generated(*snapshot_, "", 20, 3));
  EXPECT_EQ(all.completion_tokens, 20U);
}

TEST_F(EngineTest, RefusesWhatIsBeyondItsLimitsAndGoesOnWhenPlacesAreFree) {
  options_.max_live = 2;
  options_.max_queued = 1;
  options_.max_parked = 0;
  Engine engine(options_, tell);
  std::vector<std::unique_ptr<Taker>> takers;
  for (int i = 0; i < 3; ++i) {
    takers.push_back(std::make_unique<Taker>(generation_of(snapshot_, "a", 100'000, 1)));
    ASSERT_TRUE(engine.submit({takers.back()->stream}));
    if (i < 2) {
      ASSERT_TRUE(soon([&] { return engine.live() == static_cast<std::size_t>(i + 1); }));
    }
  }
  Taker more(generation_of(snapshot_, "a", 5, 1));
  EXPECT_FALSE(engine.submit({more.stream}));
  for (const auto& taker : takers) taker->stream->cancel();
  engine.wake();
  ASSERT_TRUE(soon([&] { return engine.live() == 0 && engine.queued() == 0; }));
  EXPECT_TRUE(engine.submit({more.stream}));
  EXPECT_EQ(more.take_all(engine).completion_tokens, 5U);
}

TEST_F(EngineTest, AFullStreamPausesAloneAndThenGoesOn) {
  Engine engine(options_, tell);
  Taker slow(generation_of(snapshot_, "a", 100'000, 1));
  ASSERT_TRUE(engine.submit({slow.stream}));
  ASSERT_TRUE(soon([&] { return slow.stream->full(); }, std::chrono::seconds(60)));
  Taker quick(generation_of(snapshot_, "b", 200, 2));
  ASSERT_TRUE(engine.submit({quick.stream}));
  EXPECT_EQ(quick.take_all(engine).text, generated(*snapshot_, "b", 200, 2));
  bool was_full = false;
  const Piece piece = slow.stream->take(was_full);
  EXPECT_TRUE(was_full);
  EXPECT_LE(piece.text.size(), kStreamCapacity + 4);
  engine.wake();
  EXPECT_TRUE(soon([&] { return slow.stream->full(); }, std::chrono::seconds(60)));
  slow.stream->cancel();
  engine.wake();
  EXPECT_TRUE(soon([&] { return engine.live() == 0; }));
}

TEST_F(EngineTest, StreamsThatNobodyTakesLeaveTheirPlacesUpToABound) {
  options_.max_live = 2;
  options_.max_parked = 3;
  Engine engine(options_, tell);
  std::vector<std::unique_ptr<Taker>> silent;
  for (int i = 0; i < 4; ++i) {
    silent.push_back(std::make_unique<Taker>(generation_of(snapshot_, "a", 70'000, 1)));
    ASSERT_TRUE(engine.submit({silent.back()->stream}));
  }
  // Three are parked; the fourth keeps one of the two places.
  ASSERT_TRUE(
      soon([&] { return engine.parked() == 3 && engine.live() == 1; }, std::chrono::seconds(60)));
  Taker other(generation_of(snapshot_, "b", 200, 2));
  ASSERT_TRUE(engine.submit({other.stream}));
  EXPECT_EQ(other.take_all(engine).text, generated(*snapshot_, "b", 200, 2));
  // Who takes at last gets the whole text.
  const std::string whole = generated(*snapshot_, "a", 70'000, 1);
  for (const auto& taker : silent) EXPECT_TRUE(taker->take_all(engine).text == whole);
  EXPECT_TRUE(soon([&] { return engine.live() == 0 && engine.parked() == 0; }));
}

TEST_F(EngineTest, AStreamAskedToEndGetsALastPieceEvenWhenFullOrQueued) {
  options_.max_live = 1;
  Engine engine(options_, tell);
  Taker live(generation_of(snapshot_, "a", 100'000, 1));
  Taker queued(generation_of(snapshot_, "a", 100'000, 1));
  ASSERT_TRUE(engine.submit({live.stream}));
  ASSERT_TRUE(soon([&] { return live.stream->full(); }, std::chrono::seconds(60)));
  ASSERT_TRUE(engine.submit({queued.stream}));
  live.stream->end(Finish::kShutdown);
  queued.stream->end(Finish::kShutdown);
  engine.wake();
  EXPECT_EQ(live.take_all(engine).finish, Finish::kShutdown);
  EXPECT_EQ(queued.take_all(engine).finish, Finish::kShutdown);
}

TEST_F(EngineTest, StopTextsEndAStream) {
  Engine engine(options_, tell);
  const std::string whole = generated(*snapshot_, "a", 60, 5);
  auto generation = generation_of(snapshot_, "a", 60, 5);
  generation.stop = {whole.substr(30, 3)};
  Taker taker(std::move(generation));
  ASSERT_TRUE(engine.submit({taker.stream}));
  const Piece all = taker.take_all(engine);
  EXPECT_EQ(all.finish, Finish::kStop);
  EXPECT_EQ(all.text, whole.substr(0, whole.find(whole.substr(30, 3))));
}

TEST_F(EngineTest, ScoresStandBesideTheirTextAndSumToTheTextsProbability) {
  Engine engine(options_, tell);
  auto generation = generation_of(snapshot_, "once", 30, 5);
  generation.logprobs = 2;
  generation.echo = true;
  generation.score_prompt = true;
  Taker taker(std::move(generation));
  ASSERT_TRUE(engine.submit({taker.stream}));
  const Piece all = taker.take_all(engine);
  EXPECT_EQ(all.text, "once" + generated(*snapshot_, "once", 30, 5));
  ASSERT_EQ(all.scores.size(), 34U);
  EXPECT_FALSE(all.scores[0].logprob);
  std::string text;
  for (const auto& score : all.scores) {
    snapshot_->vocabulary->append(score.symbol, text);
    if (!score.logprob) continue;
    ASSERT_EQ(score.top.size(), 2U);
    EXPECT_GE(score.top[0].second, score.top[1].second);
    EXPECT_GE(score.top[0].second, *score.logprob);
    EXPECT_LT(*score.logprob, 0.0F);
  }
  EXPECT_EQ(text, all.text);
}

TEST_F(EngineTest, ATextGoesOnWhereItEnded) {
  Engine engine(options_, tell);
  auto whole = generation_of(snapshot_, "once upon", 1, 1);
  whole.sampling.temperature = 0;
  whole.max_tokens = 40;
  Taker at_once(whole);
  ASSERT_TRUE(engine.submit({at_once.stream}));
  const std::string text = at_once.take_all(engine).text;

  auto first = whole;
  first.max_tokens = 15;
  Taker begin(first);
  begin.stream->keep_state();
  ASSERT_TRUE(engine.submit({begin.stream}));
  std::string parts = begin.take_all(engine).text;
  auto second = whole;
  second.prompt.clear();
  second.from = begin.stream->where();
  ASSERT_NE(second.from, nullptr);
  second.max_tokens = 25;
  Taker rest(second);
  ASSERT_TRUE(engine.submit({rest.stream}));
  parts += rest.take_all(engine).text;
  EXPECT_EQ(parts, text);
}

TEST_F(EngineTest, ByteAlphabetsGiveWholeCharactersOnly) {
  const auto snapshot = byte_snapshot(2);
  Engine engine(options_, tell);
  Taker taker(generation_of(snapshot, "a", 400, 9));
  ASSERT_TRUE(engine.submit({taker.stream}));
  const std::string text = taker.take_all(engine).text;
  Utf8Gate gate;
  std::string again;
  gate.push(text, again);
  EXPECT_EQ(text, again);
}

TEST(DutyCycle, RestsUntilTheShareOfTheTimeIsKept) {
  using std::chrono::milliseconds;
  DutyCycle duty(0.5);
  const DutyCycle::Clock::time_point start{std::chrono::seconds(100)};
  EXPECT_EQ(duty.worked(start, milliseconds(10)), start + milliseconds(20));
  EXPECT_EQ(duty.worked(start + milliseconds(20), milliseconds(10)), start + milliseconds(40));
  // What was not used before is no credit.
  EXPECT_EQ(duty.worked(start + milliseconds(100), milliseconds(10)), start + milliseconds(120));
}

}  // namespace
}  // namespace charrnn
