#include "tests/serve/engine/engine_fixture.h"

namespace charrnn {
namespace {

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
  first.keep_state = true;
  Taker begin(first);
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
