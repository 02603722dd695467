#include "pipeline/graph/train_turns.h"

#include <gtest/gtest.h>

#include <future>
#include <semaphore>
#include <stdexcept>

#include "base/error.h"

namespace charrnn {
namespace {

using std::chrono::seconds;

class TrainTurnsTest : public ::testing::Test, public Trainer {
 protected:
  std::shared_ptr<const DeviceBatch> transfer(Batch batch) override {
    return std::make_shared<DeviceBatch>(std::move(batch));
  }
  void begin(std::shared_ptr<const DeviceBatch> batch) override {
    begun.push_back(batch->host().index);
    if (on_begin) on_begin(begun.back());
  }
  StepDone end() override {
    const std::uint64_t index = begun[ended++];
    if (on_end) on_end(index);
    return {.trained = true,
            .report = {.progress = {.step = index + 1}},
            .validation = {},
            .checkpoint = {}};
  }
  std::size_t stay_begun(const Batch& batch) const override {
    return batch.index == ends_at_once ? 0 : depth - 1;
  }
  bool asks_for_validation(const Batch&) const override { return false; }

  // The step number that comes out of this batch's turn.
  std::future<std::uint64_t> give(std::uint64_t index) {
    Batch batch;
    batch.index = index;
    auto promise = std::make_shared<std::promise<std::uint64_t>>();
    ++times.batches_inside;
    turns.give(transfer(batch), [this, promise](const auto& done) {
      if (done && done->error) note(done->error);
      promise->set_value(done && done->value ? done->value->report.progress.step : 0);
    });
    return promise->get_future();
  }

  void note(const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const Error& told) {
      failure = told.what();
      EXPECT_EQ(told.kind(), ErrorKind::kDiverged);
    }
  }

  std::string failure;  // of the last step that failed
  std::vector<std::uint64_t> begun;
  std::size_t ended = 0;
  std::uint64_t ends_at_once = 1000;
  std::size_t depth = 2;
  std::function<void(std::uint64_t)> on_begin, on_end;
  StageTimes times;
  StageRunner runner{times};
  Worker compute{"compute"};
  TrainTurns turns{*this, compute, times, runner};
};

TEST_F(TrainTurnsTest, BeginTheNextStepBeforeTheyEndTheOneInFront) {
  std::binary_semaphore given{0}, second{0};
  bool in_time = false;
  on_begin = [&](std::uint64_t index) {
    if (index == 0) given.acquire();  // so that the second is there already
    if (index == 1) second.release();
  };
  on_end = [&](std::uint64_t index) {
    if (index == 0) in_time = second.try_acquire_for(seconds(10));
  };
  auto first = give(0);
  auto next = give(1);
  given.release();
  EXPECT_EQ(first.get(), 1U);
  EXPECT_EQ(next.get(), 2U);
  EXPECT_TRUE(in_time) << "the first was ended before the second was begun";
}

TEST_F(TrainTurnsTest, EndEachStepBeforeTheNextBeginsWhereTheHostComputes) {
  depth = 1;
  std::binary_semaphore given{0};
  on_begin = [&](std::uint64_t index) {
    if (index == 0) given.acquire();
    EXPECT_EQ(ended, index);
  };
  auto first = give(0);
  auto next = give(1);
  given.release();
  EXPECT_EQ(first.get(), 1U);
  EXPECT_EQ(next.get(), 2U);
}

TEST_F(TrainTurnsTest, EndAStepBehindWhichNoneComes) {
  EXPECT_EQ(give(0).get(), 1U);
  EXPECT_EQ(give(1).get(), 2U);
  EXPECT_EQ(times.batches_inside, 0);
}

TEST_F(TrainTurnsTest, EndAtOnceWhatTheNextStepHasToKnow) {
  ends_at_once = 1;
  std::binary_semaphore given{0};
  std::size_t ended_before_third = 0;
  on_begin = [&](std::uint64_t index) {
    if (index == 0) given.acquire();
    if (index == 2) ended_before_third = ended;
  };
  std::vector<std::future<std::uint64_t>> all;
  for (std::uint64_t index = 0; index < 3; ++index) all.push_back(give(index));
  given.release();
  for (std::uint64_t index = 0; index < 3; ++index) {
    EXPECT_EQ(all[index].get(), index + 1);
  }
  EXPECT_EQ(ended_before_third, 2U);
}

TEST_F(TrainTurnsTest, EndWhatIsBegunAlthoughAnotherStageFailed) {
  std::binary_semaphore given{0};
  on_begin = [&](std::uint64_t index) {
    if (index == 0) given.acquire();
    if (index == 1) runner.end();
  };
  auto first = give(0);
  auto second = give(1);
  auto third = give(2);
  given.release();
  EXPECT_EQ(first.get(), 1U);
  EXPECT_EQ(second.get(), 2U);
  EXPECT_EQ(third.get(), 0U) << "it passed through";
  EXPECT_EQ(begun.size(), 2U);
  EXPECT_EQ(times.batches_inside, 0);
}

TEST_F(TrainTurnsTest, TellAFailureWithTheStagesName) {
  on_end = [](std::uint64_t) { throw Error(ErrorKind::kDiverged, "no number"); };
  EXPECT_EQ(give(0).get(), 0U);
  EXPECT_EQ(failure, "train_step: no number");
  EXPECT_EQ(give(1).get(), 0U);
}

}  // namespace
}  // namespace charrnn
