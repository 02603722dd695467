#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/fused/fused_backend.h"
#include "model/fused/kernel_choice.h"
#include "model/packed_network.h"
#include "tests/model/fused/bf16_emulated.h"
#include "tests/model/fused/plain_network.h"

namespace charrnn {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr NetworkShape kShape{11, 45, 2};

Weights random_weights() {
  const auto values = random_values(parameter_count(kShape), 0.4, 1);
  return Weights(values.begin(), values.end());
}

/// Scores of rows that have read `symbol`, [row][V].
std::vector<float> scores_of(const PackedNetwork& network, std::vector<RowState>& states,
                             Symbol symbol) {
  std::vector<RowState*> rows;
  for (RowState& state : states) rows.push_back(&state);
  const std::vector<Symbol> symbols(states.size(), symbol);
  std::vector<float> scores(states.size() * kShape.vocabulary);
  network.advance(rows, symbols, scores);
  return scores;
}

bool all_nan(std::span<const float> scores) {
  return std::all_of(scores.begin(), scores.end(), [](float x) { return std::isnan(x); });
}

bool all_finite(std::span<const float> scores) {
  return std::all_of(scores.begin(), scores.end(), [](float x) { return std::isfinite(x); });
}

/// A network whose weights have a NaN at the beginning of the tensor of this name.
Weights weights_with_nan_in(const std::string& name) {
  Weights weights = random_weights();
  for (const TensorSpec& tensor : parameter_layout(kShape)) {
    if (tensor.name == name) weights[tensor.offset] = kNan;
  }
  return weights;
}

std::vector<WeightFormat> formats_of(const Kernels& kernels) {
  if (kernels.terms == 2) return {WeightFormat::kBf16};
  return {WeightFormat::kFloat32, WeightFormat::kInt8};
}

class NotANumber : public testing::TestWithParam<const Kernels*> {};

TEST_P(NotANumber, InAnyTensorReachesTheLossOfATrainingStep) {
  Batch batch = random_batch(kShape, 20, 6, 2);
  batch.inputs.assign(batch.inputs.size(), 0);  // the column of weight_ih_l0 that has it
  for (const TensorSpec& tensor : parameter_layout(kShape)) {
    const auto backend = make_fused_backend(
        fresh_state(kShape, batch.rows, weights_with_nan_in(tensor.name)), {}, *GetParam());
    const StepResult result = backend->begin(backend->transfer(batch), {})();
    EXPECT_TRUE(std::isnan(result.loss)) << tensor.name;
    EXPECT_TRUE(std::isnan(result.gradient_norm)) << tensor.name;
    EXPECT_TRUE(std::isnan(
        backend->scorer(std::make_shared<Weights>(weights_with_nan_in(tensor.name)))->score(batch)))
        << tensor.name;
  }
}

TEST_P(NotANumber, InAnyTensorReachesTheScoresOfAStream) {
  for (const WeightFormat format : formats_of(*GetParam())) {
    for (const TensorSpec& tensor : parameter_layout(kShape)) {
      const PackedNetwork network(kShape, weights_with_nan_in(tensor.name),
                                  {.weights = format, .kernels = GetParam()});
      std::vector<RowState> states(3, zero_row_state(kShape));
      scores_of(network, states, 0);
      // What is wrong in fc alone reaches one symbol's score.
      const auto scores = scores_of(network, states, 0);
      EXPECT_TRUE(std::isnan(scores[0])) << tensor.name;
      EXPECT_TRUE(tensor.name.starts_with("fc.") || all_nan(scores)) << tensor.name;
    }
  }
}

TEST_P(NotANumber, InAStreamsStateReachesItsScoresAndNobodyElses) {
  for (const WeightFormat format : formats_of(*GetParam())) {
    const PackedNetwork network(kShape, random_weights(),
                                {.weights = format, .kernels = GetParam()});
    for (std::size_t at = 0; at < zero_row_state(kShape).size(); ++at) {
      std::vector<RowState> states(20, zero_row_state(kShape));
      states[17][at] = kNan;
      const auto scores = scores_of(network, states, 3);
      const std::size_t v = kShape.vocabulary;
      EXPECT_TRUE(all_nan(std::span(scores).subspan(17 * v, v))) << at;
      EXPECT_TRUE(all_finite(std::span(scores).first(17 * v))) << at;
      EXPECT_TRUE(all_finite(std::span(scores).subspan(18 * v))) << at;
    }
  }
}

TEST_P(NotANumber, InOneScoreReachesTheLossWhereverItStands) {
  const int width = GetParam()->width;
  for (const float wrong : {kNan, std::numeric_limits<float>::infinity()}) {
    for (int at = 0; at < 2 * width; ++at) {
      alignas(64) float scores[2 * 16] = {};
      scores[at] = wrong;
      const std::uint16_t target = 1;
      EXPECT_TRUE(std::isnan(GetParam()->cross_entropy(
          {.rows = 1, .steps = 1, .groups = 2, .scores = scores, .step = 0, .targets = &target})))
          << wrong << " at " << at;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, NotANumber, testing::ValuesIn(all_kernels()),
                         [](const auto& kernels) { return std::string(kernels.param->name); });

}  // namespace
}  // namespace charrnn
