// Who gets a place in the engine, and for how long.
#include <algorithm>
#include <atomic>

#include "serve/engine/fair_places.h"
#include "tests/serve/engine/engine_fixture.h"

namespace charrnn {
namespace {

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

TEST_F(EngineTest, AShortTextNeedNotWaitForTheEndOfALongOne) {
  options_.max_live = 1;
  std::vector<const Stream*> ended;  // in the order of their ends, as nobody takes before
  Engine engine(options_, [&](const Engine::Streams& streams) {
    for (const auto& stream : streams) ended.push_back(stream.get());
    tell(streams);
  });
  Taker lengthy(generation_of(snapshot_, "a", 10 * Engine::kTurn, 1));
  Taker brief(generation_of(snapshot_, "b", 20, 2));
  ASSERT_TRUE(engine.submit({lengthy.stream}));
  ASSERT_TRUE(engine.submit({brief.stream}));
  lengthy.ready->acquire();
  brief.ready->acquire();
  EXPECT_EQ(ended, (std::vector<const Stream*>{brief.stream.get(), lengthy.stream.get()}));
  EXPECT_EQ(brief.take_all(engine).text, generated(*snapshot_, "b", 20, 2));
  EXPECT_EQ(lengthy.take_all(engine).text, generated(*snapshot_, "a", 10 * Engine::kTurn, 1));
}

TEST_F(EngineTest, TextsThatTakeTurnsAreTheSameOnTheirOwnSnapshots) {
  options_.max_live = 3;
  Engine engine(options_, tell);
  std::vector<std::shared_ptr<const Snapshot>> snapshots;
  std::vector<std::unique_ptr<Taker>> takers;
  for (std::uint64_t i = 0; i < 12; ++i) {
    snapshots.push_back(small_snapshot(1 + i % 4));
    takers.push_back(std::make_unique<Taker>(
        generation_of(snapshots.back(), "ab", (1 + i % 3) * Engine::kTurn + 10 * i, i)));
    ASSERT_TRUE(engine.submit({takers.back()->stream}));
  }
  for (std::uint64_t i = 0; i < 12; ++i) {
    EXPECT_EQ(takers[i]->take_all(engine).text,
              generated(*snapshots[i], "ab", (1 + i % 3) * Engine::kTurn + 10 * i, i));
  }
  EXPECT_TRUE(soon([&] { return engine.live() == 0 && engine.queued() == 0; }));
}

TEST_F(EngineTest, ManyTextsOfOneClientLeaveAPlaceForAnotherAtOnce) {
  options_.max_live = 4;
  options_.max_queued = 60;
  std::atomic<std::uint64_t> made{0};  // when the newcomer's text ended
  std::atomic<const Stream*> newcomer{nullptr};
  std::atomic<Engine*> running{nullptr};
  Engine engine(options_, [&](const Engine::Streams& streams) {
    for (const auto& stream : streams) {
      if (stream.get() == newcomer.load()) made = running.load()->characters();
    }
    tell(streams);
  });
  running = &engine;
  std::vector<std::unique_ptr<Taker>> takers;
  Engine::Streams all;
  for (int i = 0; i < 30; ++i) {
    auto generation = generation_of(snapshot_, "a", 100'000, 1);
    generation.client.connection = 7;
    takers.push_back(std::make_unique<Taker>(std::move(generation)));
    all.push_back(takers.back()->stream);
  }
  ASSERT_TRUE(engine.submit(all));
  ASSERT_TRUE(soon([&] { return engine.live() == 4; }));
  Taker other(generation_of(snapshot_, "b", 20, 2));
  newcomer = other.stream.get();
  const std::uint64_t before = engine.characters();
  ASSERT_TRUE(engine.submit({other.stream}));
  EXPECT_EQ(other.take_all(engine).text, generated(*snapshot_, "b", 20, 2));
  ASSERT_TRUE(soon([&] { return made > 0; }));
  // Without sharing it would wait until a turn of 1,024 characters is over.
  EXPECT_LT(made - before, 4 * 100U);
  for (const auto& stream : all) stream->cancel();
  engine.wake();
  EXPECT_TRUE(soon([&] { return engine.live() == 0 && engine.queued() == 0; }));
}

TEST_F(EngineTest, AShortPromptIsReadBesideManyLongOnesOfAnotherClient) {
  std::vector<const Stream*> ended;
  Engine engine(options_, [&](const Engine::Streams& streams) {
    for (const auto& stream : streams) ended.push_back(stream.get());
    tell(streams);
  });
  std::vector<std::unique_ptr<Taker>> takers;
  Engine::Streams all;
  for (int i = 0; i < 16; ++i) {
    auto generation = generation_of(snapshot_, std::string(4000, 'q'), 1, 1);
    generation.client.connection = 7;
    takers.push_back(std::make_unique<Taker>(std::move(generation)));
    all.push_back(takers.back()->stream);
  }
  Taker brief(generation_of(snapshot_, std::string(400, 'z'), 1, 2));
  ASSERT_TRUE(engine.submit(all));
  ASSERT_TRUE(engine.submit({brief.stream}));
  brief.ready->acquire();
  for (auto& taker : takers) taker->ready->acquire();
  // One of the long ones may have had a start; the others take forty times as long as the short.
  const auto place = std::find(ended.begin(), ended.end(), brief.stream.get()) - ended.begin();
  EXPECT_LE(place, 1);
}

TEST(FairPlaces, WhoHasMuchLeavesAsMuchForOthers) {
  EXPECT_TRUE(may_hold(128, 0, 0, 256));
  EXPECT_FALSE(may_hold(129, 0, 0, 256));
  EXPECT_FALSE(may_hold(1, 128, 128, 256));
  EXPECT_TRUE(may_hold(64, 0, 128, 256));
  EXPECT_FALSE(may_hold(65, 0, 128, 256));
  EXPECT_TRUE(may_hold(1, 0, 255, 256));  // a first text needs a free place only
  EXPECT_FALSE(may_hold(1, 0, 256, 256));
  EXPECT_FALSE(may_hold(2, 0, 253, 256));
  EXPECT_EQ(most_of_one_client(256), 128U);
  EXPECT_EQ(most_of_one_client(1), 1U);
}

TEST(FairPlaces, PlacesAreSharedAmongKeysAndThenAmongTheirConnections) {
  RequesterCounts counts;
  const Requester a1{1, 1};
  const Requester a2{1, 2};
  const Requester b{2, 3};
  for (int i = 0; i < 4; ++i) counts.add(a1);
  EXPECT_TRUE(counts.unfair(a2, a1));
  EXPECT_TRUE(counts.unfair(b, a1));
  for (int i = 0; i < 3; ++i) counts.add(b);
  EXPECT_FALSE(counts.unfair(b, a1));
  EXPECT_TRUE(counts.unfair(a2, a1));
  for (int i = 0; i < 3; ++i) counts.remove(a1);
  EXPECT_FALSE(counts.unfair(a2, a1));
  EXPECT_TRUE(counts.unfair(a2, b));
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

}  // namespace
}  // namespace charrnn
