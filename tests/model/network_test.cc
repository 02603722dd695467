#include "model/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace charrnn {
namespace {

TEST(Cell, EveryGateHasOneTileOnEachSide) {
  for (int kind = 0; kind < kCellKinds; ++kind) {
    const Cell& cell = describe(static_cast<CellKind>(kind));
    std::multiset<int> inputs, recurrent;
    for (const CellTile& tile : cell.tiles) {
      if (tile.input_gate != CellTile::kNone) inputs.insert(tile.input_gate);
      if (tile.recurrent_gate != CellTile::kNone) recurrent.insert(tile.recurrent_gate);
    }
    std::multiset<int> gates;
    for (int gate = 0; gate < cell.gate_count(); ++gate) gates.insert(gate);
    EXPECT_EQ(inputs, gates) << cell.name;
    EXPECT_EQ(recurrent, gates) << cell.name;
    EXPECT_LE(cell.gate_count(), kMostGates) << cell.name;
  }
}

TEST(Network, HasPyTorchsParametersInPyTorchsOrder) {
  const auto layout = parameter_layout({.vocabulary = 5, .hidden = 3, .layers = 2});
  std::vector<std::string> names;
  for (const TensorSpec& tensor : layout) names.push_back(tensor.name);
  EXPECT_EQ(names, (std::vector<std::string>{
                       "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0",
                       "lstm.bias_hh_l0", "lstm.weight_ih_l1", "lstm.weight_hh_l1",
                       "lstm.bias_ih_l1", "lstm.bias_hh_l1", "fc.weight", "fc.bias"}));
  EXPECT_EQ(layout[0].shape, (std::vector<std::int64_t>{12, 5}));
  EXPECT_EQ(layout[4].shape, (std::vector<std::int64_t>{12, 3}));
  EXPECT_EQ(layout[8].shape, (std::vector<std::int64_t>{5, 3}));
}

TEST(Network, TellsWhatEachTensorIsFor) {
  const auto layout = parameter_layout({.vocabulary = 5, .hidden = 3, .layers = 2});
  using enum TensorRole;
  const std::vector<TensorRole> roles{kInput,     kRecurrent, kBias, kBias, kInput,
                                      kRecurrent, kBias,      kBias, kHead, kHeadBias};
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const TensorSpec& tensor = layout[i];
    EXPECT_EQ(tensor.role, roles[i]) << tensor.name;
    const bool head = tensor.role == kHead || tensor.role == kHeadBias;
    EXPECT_EQ(tensor.gates, head ? 1 : 4) << tensor.name;
    EXPECT_EQ(tensor.is_matrix(), tensor.role != kBias && tensor.role != kHeadBias) << tensor.name;
  }
  EXPECT_EQ(layout[0].vocabulary_axis, 1);
  EXPECT_EQ(layout[4].vocabulary_axis, std::nullopt);
  EXPECT_EQ(layout[8].vocabulary_axis, 0);
  EXPECT_EQ(layout[9].vocabulary_axis, 0);
}

TEST(Network, PacksItsTensorsWithoutGaps) {
  const NetworkShape shape{.vocabulary = 7, .hidden = 4, .layers = 3};
  std::size_t end = 0;
  for (const TensorSpec& tensor : parameter_layout(shape)) {
    EXPECT_EQ(tensor.offset, end) << tensor.name;
    end += tensor.size;
  }
  EXPECT_EQ(end, parameter_count(shape));
}

TEST(Network, OfTheLectureHasAsManyParametersAsPyTorchs) {
  EXPECT_EQ(parameter_count({.vocabulary = 83, .hidden = 512, .layers = 2}), 3'366'483U);
}

TEST(Network, InitialWeightsFillPyTorchsRangeEvenly) {
  const Weights weights = initial_weights({.vocabulary = 83, .hidden = 64, .layers = 2}, 7);
  const auto [low, high] = std::minmax_element(weights.begin(), weights.end());
  EXPECT_GE(*low, -0.125F);
  EXPECT_LE(*high, 0.125F);
  EXPECT_LT(*low, -0.1249F);
  EXPECT_GT(*high, 0.1249F);
  double sum = 0.0;
  double squares = 0.0;
  for (const float weight : weights) {
    sum += weight;
    squares += double{weight} * weight;
  }
  const auto count = static_cast<double>(weights.size());
  const double deviation = 0.125 / std::sqrt(3.0);
  EXPECT_NEAR(sum / count, 0.0, 5 * deviation / std::sqrt(count));
  EXPECT_NEAR(squares / count, deviation * deviation, 0.02 * deviation * deviation);
}

TEST(Network, InitialWeightsDependOnTheSeedAlone) {
  const NetworkShape shape{.vocabulary = 11, .hidden = 8, .layers = 1};
  EXPECT_EQ(initial_weights(shape, 3), initial_weights(shape, 3));
  EXPECT_NE(initial_weights(shape, 3), initial_weights(shape, 4));
}

TEST(Network, AForgetBiasIsAddedToTheForgetGatesAlone) {
  const NetworkShape shape{.vocabulary = 5, .hidden = 3, .layers = 2};
  const Weights without = initial_weights(shape, 3), with = initial_weights(shape, 3, 1.0);
  for (const TensorSpec& tensor : parameter_layout(shape)) {
    for (std::size_t i = 0; i < tensor.size; ++i) {
      const bool forget = tensor.name.starts_with("lstm.bias_ih") && i / 3 == 1;
      EXPECT_EQ(with[tensor.offset + i], without[tensor.offset + i] + (forget ? 1.0F : 0.0F))
          << tensor.name << " " << i;
    }
  }
}

TEST(Network, AFreshStateIsZeroButForItsWeights) {
  const NetworkShape shape{.vocabulary = 5, .hidden = 3, .layers = 2};
  const TrainState state = fresh_state(shape, 4, initial_weights(shape, 1));
  EXPECT_EQ(state.weights, initial_weights(shape, 1));
  ASSERT_EQ(state.slots.size(), 2U);
  EXPECT_EQ(state.slots[0].name, "exp_avg");
  EXPECT_EQ(state.slots[1].name, "exp_avg_sq");
  for (const OptimizerSlot& slot : state.slots) {
    EXPECT_EQ(slot.values, Weights(parameter_count(shape), 0.0F));
  }
  const std::vector<float> zeros(2 * 4 * 3, 0.0F);
  EXPECT_EQ(state.carried, (std::vector<CarriedTensor>{{"hidden", zeros}, {"cell", zeros}}));
  EXPECT_EQ(state.steps, 0U);
}

}  // namespace
}  // namespace charrnn
