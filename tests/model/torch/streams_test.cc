// What drives a GPU, held to the host: on a twin whose streams are threads, training gives the same
// bits, the host never waits for a step that it need not know, and memory is never used too early.
#include "model/torch/streams.h"

#include <gtest/gtest.h>

#include <deque>
#include <future>

#include "model/torch/staging.h"
#include "model/torch/torch_backend.h"
#include "tests/model/torch/async_streams.h"
#include "tests/model/torch/random_batches.h"

namespace charrnn {
namespace {

using Stream = Streams::Stream;

constexpr NetworkShape kShape{.vocabulary = 11, .hidden = 8, .layers = 2};
constexpr int kRows = 3;

Engine engine_of(bool device_masks) {
  Engine engine = choose_engine(kShape, at::kCPU, {.kernel_threads = 1});
  engine.device_masks = device_masks;
  return engine;
}

// A backend on the twin, and the twin, which it owns.
struct Twin {
  Twin() {
    auto made = std::make_unique<AsyncStreams>();
    streams = made.get();
    backend = make_torch_backend(random_start(kShape, kRows), engine_of(true), std::move(made));
  }
  AsyncStreams* streams;
  std::unique_ptr<Backend> backend;
};

std::unique_ptr<Backend> on_host() {
  return make_torch_backend(random_start(kShape, kRows), engine_of(false), make_host_streams());
}

// Batches as a training has them: epochs, rows that are reset, and a short one.
Batch batch_of(std::uint64_t step) {
  const int length = step % 10 == 9 ? 4 : 7;
  Batch batch = random_batch(3, kShape.vocabulary, kRows, length, 7 * step);
  batch.starts_epoch = step % 8 == 0;
  if (step % 6 == 5) {
    batch.resets.assign(static_cast<std::size_t>(kRows * length), 0);
    batch.resets[2] = batch.resets[static_cast<std::size_t>(length + 1)] = 1;
  }
  return batch;
}

StepSettings settings_of(std::uint64_t step) {
  return {.step = step + 1, .seed = 4, .dropout = 0.5F};
}

TEST(Streams, TrainTheSameBitsBesideTheHostAsOnIt) {
  Twin twin;
  const auto host = on_host();
  std::deque<std::function<StepResult()>> begun;
  for (std::uint64_t step = 0; step < 24; ++step) {
    begun.push_back(twin.backend->begin(twin.backend->transfer(batch_of(step)), settings_of(step)));
    if (begun.size() < 3) continue;
    const double expected =
        host->begin(host->transfer(batch_of(step - 2)), settings_of(step - 2))().loss;
    EXPECT_EQ(begun.front()().loss, expected) << step;
    begun.pop_front();
  }
  EXPECT_EQ(twin.streams->recordings, 1);
  EXPECT_GT(twin.streams->replays, 12) << "most steps are alike";
  EXPECT_LT(twin.streams->replays, 21) << "those with resets and the short ones are not";
  for (std::uint64_t step = 22; step < 24; ++step) {
    host->begin(host->transfer(batch_of(step)), settings_of(step))();
  }
  EXPECT_EQ(twin.backend->state().weights, host->state().weights);
  EXPECT_EQ(twin.backend->state().carried, host->state().carried);
  EXPECT_EQ(twin.backend->state().steps, 24U);
}

TEST(Streams, TrainTheSameWhereNothingCanBeRecorded) {
  Twin twin;
  twin.streams->records = false;
  const auto host = on_host();
  for (std::uint64_t step = 0; step < 8; ++step) {
    const double expected = host->begin(host->transfer(batch_of(step)), settings_of(step))().loss;
    EXPECT_EQ(twin.backend->begin(twin.backend->transfer(batch_of(step)), settings_of(step))().loss,
              expected)
        << step;
  }
  EXPECT_EQ(twin.streams->recordings, 1) << "asked once";
}

TEST(Streams, TheHostBeginsTheNextStepWhileTheFirstIsNotDone) {
  Twin twin;
  EXPECT_EQ(twin.backend->depth(), 2);
  EXPECT_EQ(on_host()->depth(), 1);
  const auto host = on_host();
  twin.streams->hold(Stream::kCompute);
  std::vector<std::function<StepResult()>> begun;
  for (std::uint64_t step = 0; step < 4; ++step) {
    begun.push_back(twin.backend->begin(twin.backend->transfer(batch_of(step)), settings_of(step)));
  }
  const auto end = twin.streams->mark(Stream::kCompute);
  EXPECT_FALSE(AsyncStreams::reached(end)) << "the device has not begun";
  twin.streams->release();
  for (std::uint64_t step = 0; step < 4; ++step) {
    EXPECT_EQ(begun[step]().loss,
              host->begin(host->transfer(batch_of(step)), settings_of(step))().loss);
  }
}

TEST(Streams, AFailureOfTheDeviceComesOutOfTheStepThatIsWaitedFor) {
  Twin twin;
  Batch broken = batch_of(0);
  broken.targets[0] = 60000;  // no such symbol
  const auto bad = twin.backend->begin(twin.backend->transfer(broken), settings_of(0));
  const auto next = twin.backend->begin(twin.backend->transfer(batch_of(1)), settings_of(1));
  EXPECT_THROW(bad(), std::exception);
  EXPECT_THROW(next(), std::exception);
  EXPECT_THROW(twin.backend->state(), std::exception);
}

// The symbols of a place's inputs as the compute stream reads them.
std::shared_future<at::Tensor> read(AsyncStreams& streams,
                                    const std::shared_ptr<StagingPlace>& place) {
  streams.follow(Stream::kCompute, place->sent);
  auto promise = std::make_shared<std::promise<at::Tensor>>();
  streams.run(Stream::kCompute, [promise, place] { promise->set_value(place->device[0].clone()); });
  place->read = streams.mark(Stream::kCompute);
  return promise->get_future().share();
}

at::Tensor expected_inputs(const Batch& batch) {
  at::Tensor inputs = at::empty({batch.length, batch.rows}, at::kShort);
  for (int row = 0; row < batch.rows; ++row) {
    for (int t = 0; t < batch.length; ++t) {
      inputs[t][row] =
          static_cast<std::int16_t>(batch.inputs[static_cast<std::size_t>(row * batch.length + t)]);
    }
  }
  return inputs;
}

TEST(Staging, WritesNoPlaceOfTheDeviceBeforeItsBatchWasRead) {
  AsyncStreams streams;
  Staging staging(streams);
  streams.hold(Stream::kCompute);
  auto place = staging.send(batch_of(1));
  const auto first = read(streams, place);
  staging.put_back(std::move(place));
  place = staging.send(batch_of(2));  // into the same memory
  EXPECT_EQ(staging.places(), 1);
  EXPECT_FALSE(AsyncStreams::reached(place->sent)) << "the first has not been read";
  const auto second = read(streams, place);
  streams.release();
  EXPECT_TRUE(at::equal(first.get(), expected_inputs(batch_of(1))));
  EXPECT_TRUE(at::equal(second.get(), expected_inputs(batch_of(2))));
}

TEST(Staging, WritesNoPlaceOfTheHostBeforeItWasCopied) {
  AsyncStreams streams;
  Staging staging(streams);
  streams.hold(Stream::kCopy);
  auto place = staging.send(batch_of(1));
  const auto first = read(streams, place);
  staging.put_back(std::move(place));
  auto sending = std::async(std::launch::async, [&] { return staging.send(batch_of(2)); });
  EXPECT_EQ(sending.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  streams.release();
  place = sending.get();
  EXPECT_TRUE(at::equal(first.get(), expected_inputs(batch_of(1))));
  EXPECT_TRUE(at::equal(read(streams, place).get(), expected_inputs(batch_of(2))));
}

TEST(Staging, NeedsTwoPlacesForASteadyRunAndOneMoreForEachBatchThatWaits) {
  AsyncStreams streams;
  Staging staging(streams);
  std::deque<std::shared_ptr<StagingPlace>> inside;
  std::vector<std::shared_future<at::Tensor>> reads;
  const auto turn = [&](std::uint64_t step, std::size_t most) {
    inside.push_back(staging.send(random_batch(3, 11, kRows, 7, 7 * step)));
    if (inside.size() < most) return;
    reads.push_back(read(streams, inside.front()));
    staging.put_back(std::move(inside.front()));
    inside.pop_front();
  };
  for (std::uint64_t step = 0; step < 30; ++step) turn(step, 2);
  EXPECT_EQ(staging.places(), 2);
  for (std::uint64_t step = 30; step < 60; ++step) turn(step, 4);
  EXPECT_EQ(staging.places(), 4);
  for (std::size_t step = 0; step < reads.size(); ++step) {
    EXPECT_TRUE(
        at::equal(reads[step].get(), expected_inputs(random_batch(3, 11, kRows, 7, 7 * step))))
        << step;
  }
}

}  // namespace
}  // namespace charrnn
