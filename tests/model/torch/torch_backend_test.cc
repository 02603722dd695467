#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <thread>

#include "base/error.h"
#include "model/backend.h"
#include "tests/model/torch/random_batches.h"

namespace charrnn {
namespace {

constexpr NetworkShape kShape{.vocabulary = 11, .hidden = 8, .layers = 2};
constexpr int kRows = 3;

std::unique_ptr<Backend> on_cpu(const TrainState& state, int threads = 1) {
  return make_torch_backend(state, Device::kCpu, {.kernel_threads = threads});
}

StepResult train(Backend& backend, const Batch& batch, const StepSettings& settings) {
  return backend.begin(backend.transfer(batch), settings)();
}

void expect_close(const std::vector<CarriedTensor>& carried,
                  const std::vector<CarriedTensor>& expected) {
  ASSERT_EQ(carried.size(), expected.size());
  for (std::size_t i = 0; i < carried.size(); ++i) {
    EXPECT_LT(relative_distance(carried[i].values, expected[i].values), 1e-6) << carried[i].name;
  }
}

/// A step that changes the carried state and nothing else.
StepResult look(Backend& backend, const Batch& batch) {
  return train(backend, batch, {.learning_rate = 0.0F});
}

TEST(TorchBackend, CarriesTheStateSoThatTwoWindowsEqualOneLongOne) {
  const auto whole = on_cpu(random_start(kShape, kRows));
  const auto halves = on_cpu(random_start(kShape, kRows));
  const double loss = look(*whole, random_batch(5, 11, kRows, 12)).loss;
  const double first = look(*halves, random_batch(5, 11, kRows, 6, 0)).loss;
  const double second = look(*halves, random_batch(5, 11, kRows, 6, 6)).loss;
  EXPECT_NEAR((first + second) / 2, loss, 1e-6);
  expect_close(halves->state().carried, whole->state().carried);
}

/// Doubles the gradient, as a second machine with the same rows would.
struct Doubling : GradientReduction {
  void start(std::span<float> part) override {
    for (float& value : part) value *= 2.0F;
  }
  void finish() override {}
};

TEST(TorchBackend, TakesNormAndUpdateOfTheGradientThatTheReductionLeaves) {
  const auto one = on_cpu(random_start(kShape, kRows));
  const auto two = make_torch_backend(random_start(kShape, kRows), Device::kCpu,
                                      {.reduction = std::make_shared<Doubling>()});
  const Batch batch = random_batch(5, 11, kRows, 12);
  const StepResult alone = train(*one, batch, {.clip = 0.0F});
  const StepResult together = train(*two, batch, {.clip = 0.0F});
  EXPECT_EQ(together.loss, alone.loss);
  EXPECT_EQ(together.gradient_norm, 2 * alone.gradient_norm);
  Weights expected = one->gradients();
  for (float& value : expected) value *= 2.0F;
  EXPECT_EQ(two->gradients(), expected);
}

TEST(TorchBackend, StartsAnEpochFromZero) {
  const auto used = on_cpu(random_start(kShape, kRows));
  look(*used, random_batch(5, 11, kRows, 6));
  Batch batch = random_batch(6, 11, kRows, 6);
  const auto fresh = on_cpu(random_start(kShape, kRows));
  const double from_zero = look(*fresh, batch).loss;
  EXPECT_EQ(look(*used, batch).loss, from_zero);
  batch.starts_epoch = false;
  EXPECT_NE(look(*used, batch).loss, from_zero);
}

/// One row whose state is zeroed before character 4 of 10.
Batch reset_in_the_middle() {
  Batch batch = random_batch(9, 11, 1, 10);
  batch.resets.assign(10, 0);
  batch.resets[4] = 1;
  return batch;
}

TEST(TorchBackend, AResetEqualsStartingFromZero) {
  const auto reset = on_cpu(random_start(kShape, 1));
  const double loss = look(*reset, reset_in_the_middle()).loss;
  const auto parts = on_cpu(random_start(kShape, 1));
  const double before = look(*parts, random_batch(9, 11, 1, 4)).loss;
  const Weights first = parts->gradients();
  Batch rest = random_batch(9, 11, 1, 6, 4);
  rest.starts_epoch = true;
  const double after = look(*parts, rest).loss;
  const Weights second = parts->gradients();
  EXPECT_NEAR(0.4 * before + 0.6 * after, loss, 1e-6);
  expect_close(reset->state().carried, parts->state().carried);
  Weights sum(first.size());
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = 0.4F * first[i] + 0.6F * second[i];
  EXPECT_LT(relative_distance(reset->gradients(), sum), 1e-5);
}

TEST(TorchBackend, AResetLeavesTheOtherRowsAlone) {
  Batch batch = random_batch(9, 11, 2, 10);
  const auto plain = on_cpu(random_start(kShape, 2));
  look(*plain, batch);
  batch.resets.assign(20, 0);
  batch.resets[0] = batch.resets[7] = 1;
  const auto reset = on_cpu(random_start(kShape, 2));
  look(*reset, batch);
  const auto hidden = [](const Backend& backend, std::size_t row) {
    const std::vector<float> all = backend.state().carried.front().values;
    return std::vector<float>(all.begin() + static_cast<std::ptrdiff_t>(8 * row),
                              all.begin() + static_cast<std::ptrdiff_t>(8 * row + 8));
  };
  EXPECT_GT(relative_distance(hidden(*reset, 0), hidden(*plain, 0)), 1e-3);
  EXPECT_LT(relative_distance(hidden(*reset, 1), hidden(*plain, 1)), 1e-6);
}

TEST(TorchBackend, LearnsALineByHeart) {
  const std::string line = "in the beginning was the line, and the line was here. ";
  Batch batch;
  batch.starts_epoch = true;
  batch.rows = 1;
  batch.length = static_cast<int>(line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    batch.inputs.push_back(static_cast<Symbol>(line[i] - ' '));
    batch.targets.push_back(static_cast<Symbol>(line[(i + 1) % line.size()] - ' '));
  }
  const auto backend = on_cpu(random_start({.vocabulary = 96, .hidden = 32, .layers = 1}, 1));
  double loss = 0.0;
  for (std::uint64_t step = 1; step <= 200; ++step) {
    loss = train(*backend, batch, {.step = step, .learning_rate = 0.02F}).loss;
    if (step == 1) {
      EXPECT_NEAR(loss, std::log(96.0), 0.2);
    }
  }
  EXPECT_LT(loss, 0.05);
}

TrainState train_with_dropout(int threads) {
  const NetworkShape shape{.vocabulary = 40, .hidden = 64, .layers = 2};
  const auto backend = on_cpu(random_start(shape, 8), threads);
  for (std::uint64_t step = 1; step <= 4; ++step) {
    train(*backend, random_batch(3, 40, 8, 6, 6 * (step - 1)), {.step = step, .dropout = 0.5F});
  }
  return backend->state();
}

void expect_same_bits(const TrainState& a, const TrainState& b) {
  EXPECT_EQ(a.steps, b.steps);
  EXPECT_EQ(a.weights, b.weights);
  EXPECT_EQ(a.slots, b.slots);
  EXPECT_EQ(a.carried, b.carried);
}

TEST(TorchBackend, GivesTheSameBitsRunAfterRun) {
  for (const int threads : {1, 2}) {
    const TrainState first = train_with_dropout(threads);
    for (int run = 0; run < 2; ++run) expect_same_bits(train_with_dropout(threads), first);
  }
}

TEST(TorchBackend, GoesOnFromItsStateBitForBit) {
  const auto whole = on_cpu(random_start(kShape, kRows));
  auto stopped = on_cpu(random_start(kShape, kRows));
  for (std::uint64_t step = 1; step <= 6; ++step) {
    const Batch batch = random_batch(3, 11, kRows, 7, 7 * (step - 1));
    const StepSettings settings{.step = step, .seed = 4, .dropout = 0.3F};
    const double loss = train(*whole, batch, settings).loss;
    EXPECT_EQ(train(*stopped, batch, settings).loss, loss);
    stopped = on_cpu(stopped->state());
  }
  expect_same_bits(stopped->state(), whole->state());
  EXPECT_EQ(whole->state().steps, 6U);
}

TEST(TorchBackend, DropoutChangesWithSeedAndStep) {
  const Batch batch = random_batch(3, 11, kRows, 7);
  const auto loss = [&](std::uint64_t seed, std::uint64_t step, float dropout) {
    const auto backend = on_cpu(random_start(kShape, kRows));
    return train(*backend, batch, {.step = step, .seed = seed, .dropout = dropout}).loss;
  };
  EXPECT_EQ(loss(1, 1, 0.5F), loss(1, 1, 0.5F));
  EXPECT_NE(loss(1, 1, 0.5F), loss(1, 2, 0.5F));
  EXPECT_NE(loss(1, 1, 0.5F), loss(2, 1, 0.5F));
  EXPECT_NE(loss(1, 1, 0.5F), loss(1, 1, 0.0F));
  EXPECT_EQ(loss(1, 1, 0.0F), loss(2, 2, 0.0F));
}

double norm(const Weights& values) {
  double squares = 0.0;
  for (const float value : values) squares += double{value} * value;
  return std::sqrt(squares);
}

TEST(TorchBackend, ClipsTheGradientThatAdamSeesAndReportsItsNormBefore) {
  const auto backend = on_cpu(random_start(kShape, kRows));
  const StepResult result =
      train(*backend, random_batch(3, 11, kRows, 7), {.step = 1, .clip = 0.01F});
  EXPECT_GT(result.gradient_norm, 0.02);
  EXPECT_NEAR(norm(backend->gradients()), result.gradient_norm, 1e-6);
  // After the first step the first moment is a tenth of the clipped gradient.
  EXPECT_NEAR(norm(backend->state().slots[0].values), 0.1 * 0.01, 1e-6);
}

TEST(TorchBackend, LeavesASmallGradientAsItIs) {
  for (const float clip : {5.0F, 0.0F}) {
    const auto backend = on_cpu(random_start(kShape, kRows));
    const StepResult result =
        train(*backend, random_batch(3, 11, kRows, 7), {.step = 1, .clip = clip});
    EXPECT_NEAR(norm(backend->state().slots[0].values), 0.1 * result.gradient_norm, 1e-6);
  }
}

TEST(TorchBackend, ScoresAsItTrainsWithoutDropout) {
  const auto backend = on_cpu(random_start(kShape, kRows));
  for (std::uint64_t step = 1; step <= 3; ++step) {
    Batch batch = random_batch(3, 11, kRows, 7, 7 * step);
    batch.starts_epoch = true;
    const double scored = backend->scorer(backend->weights())->score(batch);
    EXPECT_NEAR(train(*backend, batch, {.step = step, .learning_rate = 0.1F}).loss, scored, 1e-6);
  }
}

TEST(TorchBackend, AScorerCarriesItsOwnStateAndKeepsItsWeights) {
  const auto backend = on_cpu(random_start(kShape, kRows));
  const auto scorer = backend->scorer(backend->weights());
  const Batch second = random_batch(5, 11, kRows, 6, 6);
  const double whole = scorer->score(random_batch(5, 11, kRows, 12));
  const double half = scorer->score(random_batch(5, 11, kRows, 6));
  train(*backend, random_batch(5, 11, kRows, 6), {.learning_rate = 0.1F});
  EXPECT_NEAR((half + scorer->score(second)) / 2, whole, 1e-6);
}

TEST(TorchBackend, TakesBatchesWhileItSteps) {
  const auto backend = on_cpu(random_start(kShape, kRows));
  const auto alone = on_cpu(random_start(kShape, kRows));
  auto batch = backend->transfer(random_batch(3, 11, kRows, 7));
  for (std::uint64_t step = 1; step <= 20; ++step) {
    std::shared_ptr<const DeviceBatch> next;
    std::thread feeder([&] { next = backend->transfer(random_batch(3, 11, kRows, 7, 7 * step)); });
    const double loss = backend->begin(batch, {.step = step})().loss;
    feeder.join();
    EXPECT_EQ(loss, train(*alone, batch->host(), {.step = step}).loss);
    batch = next;
  }
}

TEST(TorchBackend, RefusesADeviceThatIsNotThere) {
  const TrainState state = random_start(kShape, kRows);
  EXPECT_THROW(make_torch_backend(state, Device::kAuto, {}), Error);
  if (!cuda_available()) {
    EXPECT_THROW(make_torch_backend(state, Device::kCuda, {}), Error);
  }
}

}  // namespace
}  // namespace charrnn
