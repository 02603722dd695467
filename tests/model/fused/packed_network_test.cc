#include "model/packed_network.h"

#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "model/fused/kernel_choice.h"
#include "tests/model/fused/plain_network.h"

namespace charrnn {
namespace {

Weights random_weights(const NetworkShape& shape, std::uint64_t seed) {
  const auto values = random_values(parameter_count(shape), 0.4, seed);
  return Weights(values.begin(), values.end());
}

/// Reads a batch character by character with all rows together; scores as [B, T, V].
std::vector<float> advance_batch(const PackedNetwork& network, const Batch& batch,
                                 std::vector<RowState>& states) {
  const std::size_t v = network.shape().vocabulary;
  std::vector<float> all(batch.inputs.size() * v), scores(batch.rows * v);
  std::vector<RowState*> rows;
  for (RowState& state : states) rows.push_back(&state);
  for (int t = 0; t < batch.length; ++t) {
    std::vector<Symbol> symbols;
    for (int b = 0; b < batch.rows; ++b) symbols.push_back(batch.inputs[b * batch.length + t]);
    network.advance(rows, symbols, scores);
    for (int b = 0; b < batch.rows; ++b) {
      std::copy_n(scores.data() + b * v, v, all.data() + (b * batch.length + t) * v);
    }
  }
  return all;
}

class PackedNetworkOfShape : public testing::TestWithParam<NetworkShape> {};

TEST_P(PackedNetworkOfShape, ScoresAsPlainLoopsDo) {
  const NetworkShape shape = GetParam();
  const Weights weights = random_weights(shape, 1);
  const Batch batch = random_batch(shape, 3, 9, 2);
  const std::size_t state_size = static_cast<std::size_t>(shape.layers) * 3 * shape.hidden;
  const PlainResult plain = plain_step(shape, {weights.begin(), weights.end()},
                                       {.batch = batch,
                                        .hidden = std::vector<double>(state_size, 0.0),
                                        .cell = std::vector<double>(state_size, 0.0)});
  std::vector<RowState> states(3, zero_row_state(shape));
  for (const Kernels* kernels : runnable_kernels()) {
    states.assign(3, zero_row_state(shape));
    const PackedNetwork network(shape, weights, {.threads = 2, .kernels = kernels});
    EXPECT_LT(relative_distance(advance_batch(network, batch, states), plain.scores), 2e-6);
  }
  for (int l = 0; l < shape.layers; ++l) {
    for (int b = 0; b < 3; ++b) {
      for (int u = 0; u < shape.hidden; ++u) {
        const std::size_t i = (static_cast<std::size_t>(l) * 3 + b) * shape.hidden + u;
        EXPECT_NEAR(states[b][(2 * l) * shape.hidden + u], plain.hidden[i], 2e-6);
        EXPECT_NEAR(states[b][(2 * l + 1) * shape.hidden + u], plain.cell[i], 4e-6);
      }
    }
  }
}

TEST_P(PackedNetworkOfShape, GivesARowTheSameBitsWhateverItsNeighbours) {
  const NetworkShape shape = GetParam();
  const PackedNetwork network(shape, random_weights(shape, 3));
  constexpr int kRows = 37;
  const Batch batch = random_batch(shape, kRows, 4, 4);
  std::vector<RowState> together(kRows, zero_row_state(shape));
  const auto all = advance_batch(network, batch, together);
  const std::size_t row_size = static_cast<std::size_t>(batch.length) * shape.vocabulary;
  for (const int size : {1, 2, 5, 7, 13, 16}) {
    for (int first = 0; first + size <= kRows; first += size) {
      Batch part = batch;
      part.rows = size;
      part.inputs.assign(batch.inputs.begin() + first * batch.length,
                         batch.inputs.begin() + (first + size) * batch.length);
      std::vector<RowState> states(size, zero_row_state(shape));
      const auto scores = advance_batch(network, part, states);
      for (std::size_t i = 0; i < scores.size(); ++i)
        ASSERT_EQ(scores[i], all[first * row_size + i]);
      for (int b = 0; b < size; ++b) ASSERT_EQ(states[b], together[first + b]);
    }
  }
}

TEST(PackedNetwork, GivesTheSameBitsForAnyNumberOfThreads) {
  const tbb::global_control four(tbb::global_control::max_allowed_parallelism, 4);
  const NetworkShape shape{19, 300, 2};  // wide enough for threads to share columns
  const Weights weights = random_weights(shape, 3);
  for (const int rows : {1, 3, 16, 41, 70}) {
    const Batch batch = random_batch(shape, rows, 3, 4);
    std::vector<RowState> alone(rows, zero_row_state(shape));
    const auto scores = advance_batch(PackedNetwork(shape, weights), batch, alone);
    for (const int threads : {2, 3, 4}) {
      std::vector<RowState> states(rows, zero_row_state(shape));
      const PackedNetwork network(shape, weights, {.threads = threads});
      EXPECT_EQ(advance_batch(network, batch, states), scores) << rows << " " << threads;
      EXPECT_EQ(states, alone) << rows << " " << threads;
    }
  }
}

TEST(PackedNetwork, ServesSeveralThreadsAtOnce) {
  const NetworkShape shape{19, 64, 2};
  const PackedNetwork network(shape, random_weights(shape, 3));
  const Batch batch = random_batch(shape, 5, 50, 4);
  std::vector<RowState> states(5, zero_row_state(shape));
  const auto expected = advance_batch(network, batch, states);
  std::vector<std::vector<float>> actual(3);
  {
    std::vector<std::jthread> threads;
    for (auto& scores : actual) {
      threads.emplace_back([&] {
        std::vector<RowState> own(5, zero_row_state(shape));
        scores = advance_batch(network, batch, own);
      });
    }
  }
  for (const auto& scores : actual) EXPECT_EQ(scores, expected);
}

INSTANTIATE_TEST_SUITE_P(Shapes, PackedNetworkOfShape,
                         testing::Values(NetworkShape{2, 1, 1}, NetworkShape{5, 7, 2},
                                         NetworkShape{83, 16, 1}, NetworkShape{33, 17, 3},
                                         NetworkShape{97, 64, 2}, NetworkShape{11, 45, 2}),
                         [](const auto& shape) {
                           std::string name = "V";
                           name += std::to_string(shape.param.vocabulary);
                           name += "H";
                           name += std::to_string(shape.param.hidden);
                           name += "L";
                           name += std::to_string(shape.param.layers);
                           return name;
                         });

}  // namespace
}  // namespace charrnn
