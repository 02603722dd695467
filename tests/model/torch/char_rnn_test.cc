#include "model/torch/char_rnn.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "model/torch/dropout_masks.h"
#include "model/torch/window.h"
#include "tests/model/torch/random_batches.h"

namespace charrnn {
namespace {

constexpr NetworkShape kShape{.vocabulary = 13, .hidden = 6, .layers = 2};
constexpr int kRows = 3;
constexpr int kLength = 9;

struct Outcome {
  at::Tensor scores;
  at::Tensor gradient;
  CarriedState state;
};

at::Tensor flat_weights(CellKind cell = CellKind::kLstm) {
  NetworkShape shape = kShape;
  shape.cell = cell;
  const Weights weights = initial_weights(shape, 2);
  at::Tensor flat = at::empty(static_cast<std::int64_t>(weights.size()));
  std::copy(weights.begin(), weights.end(), flat.mutable_data_ptr<float>());
  return flat;
}

// Tensors this small are worked fastest by one thread.
const bool kOneThread = (at::set_num_threads(1), true);

Outcome run(FirstLayer way, const Batch& batch, CellKind cell = CellKind::kLstm) {
  NetworkShape shape = kShape;
  shape.cell = cell;
  const at::Tensor flat = flat_weights(cell);
  Outcome outcome;
  outcome.gradient = at::zeros_like(flat);
  const NetworkParameters parameters = view_parameters(shape, flat, outcome.gradient);
  outcome.state = zero_state(shape, kRows, at::kCPU);
  const Window window = make_window(batch);
  const at::Tensor scores = forward(parameters, window, outcome.state, {}, way);
  at::cross_entropy_loss(scores, window.targets).backward();
  outcome.scores = scores.detach();
  return outcome;
}

double distance(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

void expect_equal(const Outcome& a, const Outcome& b) {
  EXPECT_LT(distance(a.scores, b.scores), 1e-6);
  EXPECT_LT(distance(a.gradient, b.gradient), 1e-6);
  for (std::size_t i = 0; i < a.state.size(); ++i) {
    EXPECT_LT(distance(a.state[i], b.state[i]), 1e-6);
  }
}

void expect_gathering_equals_multiplying(const Batch& batch) {
  for (const CellKind cell : {CellKind::kLstm, CellKind::kGru, CellKind::kTanh}) {
    SCOPED_TRACE(describe(cell).name);
    expect_equal(run(FirstLayer::kGather, batch, cell), run(FirstLayer::kOneHot, batch, cell));
  }
}

TEST(CharRnn, GatheringRowsEqualsTheDenseProduct) {
  expect_gathering_equals_multiplying(random_batch(1, 13, kRows, kLength));
}

TEST(CharRnn, GatheringRowsEqualsTheDenseProductBetweenResetsToo) {
  Batch batch = random_batch(1, 13, kRows, kLength);
  batch.resets.assign(kRows * kLength, 0);
  batch.resets[0] = batch.resets[5] = batch.resets[2 * kLength - 1] = 1;
  expect_gathering_equals_multiplying(batch);
}

TEST(CharRnn, AddsEachTensorsGradientUpInItsPlace) {
  const Outcome outcome = run(FirstLayer::kOneHot, random_batch(1, 13, kRows, kLength));
  for (const TensorSpec& tensor : parameter_layout(kShape)) {
    const at::Tensor part = outcome.gradient.narrow(0, static_cast<std::int64_t>(tensor.offset),
                                                    static_cast<std::int64_t>(tensor.size));
    EXPECT_GT(part.norm().item<float>(), 0.0F) << tensor.name;
  }
}

TEST(CharRnn, MasksLeaveTheExpectedScoresAsTheyAre) {
  const at::NoGradGuard no_gradients;
  const at::Tensor flat = flat_weights();
  const NetworkParameters parameters = view_parameters(kShape, flat);
  const Window window = make_window(random_batch(1, 13, kRows, kLength));
  const std::vector<std::int64_t> size{kLength, kRows, kShape.hidden};
  const auto scores = [&](const at::Tensor& last_mask) {
    CarriedState state = zero_state(kShape, kRows, at::kCPU);
    return forward(parameters, window, state, {at::ones(size), last_mask}, FirstLayer::kOneHot);
  };
  const at::Tensor unmasked = scores(at::ones(size));
  constexpr int kDraws = 4000;
  at::Tensor sum = at::zeros_like(unmasked);
  at::Tensor squares = at::zeros_like(unmasked);
  for (std::uint64_t step = 1; step <= kDraws; ++step) {
    const at::Tensor masked = scores(host_dropout_mask({5, step, 1, 0.5F}, size));
    sum += masked;
    squares += masked * masked;
  }
  const at::Tensor mean = sum / kDraws;
  const at::Tensor error = ((squares / kDraws - mean * mean) / kDraws).sqrt();
  EXPECT_LT(((mean - unmasked).abs() / error).max().item<float>(), 5.0F);
  EXPECT_GT(error.min().item<float>(), 0.0F);
}

TEST(DropoutMasks, OfADeviceAreThoseOfTheHost) {
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{0xFEDCBA9876543210}}) {
    for (const float probability : {0.1F, 0.5F, 0.93F}) {
      const DropoutKey key{seed, (std::uint64_t{1} << 33) + 7, 1, probability};
      const std::vector<std::int64_t> size{7, 5, 33};  // not a multiple of a counter's 8 elements
      const at::Tensor host = host_dropout_mask(key, size);
      const auto [low, high] = mask_words(key);
      const at::Tensor words = at::tensor({low, high}, at::kLong);
      EXPECT_TRUE(at::equal(device_dropout_mask(key, words, size), host));
      EXPECT_NEAR(host.eq(0).to(at::kFloat).mean().item<float>(), probability, 0.08);
    }
  }
}

TEST(DropoutMasks, AreTheSameForAnyNumberOfThreads) {
  const DropoutKey key{3, 9, 0, 0.5F};
  const std::vector<std::int64_t> size{31, 17, 129};
  at::set_num_threads(3);
  const at::Tensor whole = host_dropout_mask(key, size);
  at::set_num_threads(1);
  at::Tensor plain = at::empty(size);
  dropout_mask(key, 0, static_cast<std::uint64_t>(plain.numel()), plain.mutable_data_ptr<float>());
  EXPECT_TRUE(at::equal(whole, plain));
}

}  // namespace
}  // namespace charrnn
