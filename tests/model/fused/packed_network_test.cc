#include "model/packed_network.h"

#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "base/counter_rng.h"
#include "model/backend.h"
#include "model/fused/kernel_choice.h"
#include "tests/model/fused/bf16_emulated.h"
#include "tests/model/fused/plain_network.h"

namespace charrnn {
namespace {

Weights random_weights(const NetworkShape& shape, std::uint64_t seed) {
  const auto values = random_values(parameter_count(shape), 0.4, seed);
  return Weights(values.begin(), values.end());
}

/// Every format of weights with all kernels that have it.
std::vector<PackedNetworkOptions> all_formats() {
  std::vector<PackedNetworkOptions> formats;
  for (const Kernels* kernels : runnable_kernels()) {
    formats.push_back({.weights = WeightFormat::kFloat32, .kernels = kernels});
    formats.push_back({.weights = WeightFormat::kInt8, .kernels = kernels});
  }
  for (const Kernels* kernels : all_bf16_kernels()) {
    formats.push_back({.weights = WeightFormat::kBf16, .kernels = kernels});
  }
  return formats;
}

/// The formats that this processor has kernels for.
std::vector<WeightFormat> formats_here() {
  std::vector<WeightFormat> formats{WeightFormat::kFloat32, WeightFormat::kInt8};
  if (bf16_kernels() != nullptr) formats.push_back(WeightFormat::kBf16);
  return formats;
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

/// Rows in groups of several sizes give what they give all together.
void expect_independent_rows(const PackedNetwork& network) {
  const NetworkShape& shape = network.shape();
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

class PackedNetworkOfShape : public testing::TestWithParam<NetworkShape> {};

TEST_P(PackedNetworkOfShape, ScoresAsPlainLoopsDo) {
  const NetworkShape shape = GetParam();
  const Weights weights = random_weights(shape, 1);
  const Batch batch = random_batch(shape, 3, 9, 2);
  const std::size_t state_size = static_cast<std::size_t>(shape.layers) * 3 * shape.hidden;
  const std::size_t state_count = describe(shape.cell).states.size();
  const PlainResult plain = plain_step(
      shape, {weights.begin(), weights.end()},
      {.batch = batch, .carried = std::vector(state_count, std::vector<double>(state_size, 0.0))});
  std::vector<RowState> states(3, zero_row_state(shape));
  for (const Kernels* kernels : runnable_kernels()) {
    states.assign(3, zero_row_state(shape));
    const PackedNetwork network(shape, weights, {.threads = 2, .kernels = kernels});
    EXPECT_LT(relative_distance(advance_batch(network, batch, states), plain.scores), 2e-6);
  }
  for (int l = 0; l < shape.layers; ++l) {
    for (int b = 0; b < 3; ++b) {
      for (std::size_t k = 0; k < state_count; ++k) {
        for (int u = 0; u < shape.hidden; ++u) {
          const std::size_t i = (static_cast<std::size_t>(l) * 3 + b) * shape.hidden + u;
          EXPECT_NEAR(states[b][(state_count * l + k) * shape.hidden + u], plain.carried[k][i],
                      1e-5);  // a tanh RNN lets rounding grow
        }
      }
    }
  }
}

/// The scores with weights of this format, beside those with fp32 weights, on all kernels.
void expect_scores_near_exact_ones(const NetworkShape& shape, WeightFormat format, double bound) {
  const Weights weights = random_weights(shape, 1);
  const Batch batch = random_batch(shape, 20, 9, 2);
  std::vector<RowState> states(20, zero_row_state(shape));
  const auto exact = advance_batch(PackedNetwork(shape, weights), batch, states);
  for (PackedNetworkOptions options : all_formats()) {
    if (options.weights != format) continue;
    options.threads = 2;
    states.assign(20, zero_row_state(shape));
    const PackedNetwork network(shape, weights, options);
    EXPECT_LT(relative_distance(advance_batch(network, batch, states), exact), bound);
  }
}

TEST_P(PackedNetworkOfShape, ScoresNearlyTheSameWithInt8Weights) {
  expect_scores_near_exact_ones(GetParam(), WeightFormat::kInt8, 0.03);
}

TEST_P(PackedNetworkOfShape, ScoresNearlyTheSameWithBf16Weights) {
  expect_scores_near_exact_ones(GetParam(), WeightFormat::kBf16, 0.02);
}

TEST_P(PackedNetworkOfShape, GivesARowTheSameBitsWhateverItsNeighbours) {
  const NetworkShape shape = GetParam();
  for (const PackedNetworkOptions& options : all_formats()) {
    expect_independent_rows(PackedNetwork(shape, random_weights(shape, 3), options));
  }
}

/// Reading ahead leaves the state that reading one by one leaves, for every length of text.
void expect_same_reading(const PackedNetwork& network) {
  const NetworkShape& shape = network.shape();
  constexpr int kLength = 35;  // two windows and a part of one
  const Batch batch = random_batch(shape, 1, kLength, 6);
  RowState one_by_one = zero_row_state(shape);
  std::vector<float> scores(shape.vocabulary);
  for (int length = 1; length <= kLength; ++length) {
    RowState* const row = &one_by_one;
    network.advance({&row, 1}, {&batch.inputs[length - 1], 1}, scores);
    RowState ahead = zero_row_state(shape), halves = ahead;
    const std::span text(batch.inputs.data(), length);
    network.read(ahead, text);
    network.read(halves, text.first(length / 2));
    network.read(halves, text.subspan(length / 2));
    ASSERT_EQ(ahead, one_by_one) << length;
    ASSERT_EQ(halves, one_by_one) << length;
  }
}

TEST_P(PackedNetworkOfShape, ReadsAheadWithTheSameBits) {
  const NetworkShape shape = GetParam();
  for (const PackedNetworkOptions& options : all_formats()) {
    expect_same_reading(PackedNetwork(shape, random_weights(shape, 3), options));
  }
}

TEST(PackedNetwork, ReadsAheadWithTheSameBitsForAnyNumberOfThreads) {
  const tbb::global_control four(tbb::global_control::max_allowed_parallelism, 4);
  for (const CellKind cell : {CellKind::kLstm, CellKind::kGru, CellKind::kTanh}) {
    const NetworkShape shape{19, 300, 2, cell};
    for (const int threads : {2, 3, 4}) {
      expect_same_reading(PackedNetwork(shape, random_weights(shape, 3), {.threads = threads}));
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
    for (const WeightFormat format : formats_here()) {
      alone.assign(rows, zero_row_state(shape));
      const PackedNetwork single(shape, weights, {.weights = format});
      const auto scores = advance_batch(single, batch, alone);
      for (const int threads : {2, 3, 4}) {
        std::vector<RowState> states(rows, zero_row_state(shape));
        const PackedNetwork network(shape, weights, {.threads = threads, .weights = format});
        EXPECT_EQ(advance_batch(network, batch, states), scores) << rows << " " << threads;
        EXPECT_EQ(states, alone) << rows << " " << threads;
      }
    }
  }
}

/// Symbols of a little grammar: each follows from the two before it, but for one in eight.
std::vector<Symbol> grammar_text(std::size_t size, int vocabulary) {
  std::vector<Symbol> text{0, 1};
  while (text.size() < size) {
    const auto i = text.size();
    const bool surprise = uniform53(5, i, 1) < 0.125;
    const auto next = surprise ? static_cast<int>(uniform53(5, i, 2) * vocabulary)
                               : (3 * text[i - 1] + text[i - 2] + 1) % vocabulary;
    text.push_back(static_cast<Symbol>(next));
  }
  return text;
}

Batch grammar_batch(const std::vector<Symbol>& text, std::size_t first, int rows, int length) {
  Batch batch;
  batch.rows = rows;
  batch.length = length;
  for (int b = 0; b < rows; ++b) {
    for (int t = 0; t < length; ++t) {
      const std::size_t i = (first + b * length + t) % (text.size() - 1);
      batch.inputs.push_back(text[i]);
      batch.targets.push_back(text[i + 1]);
    }
  }
  batch.starts_epoch = true;
  return batch;
}

/// Mean cross-entropy of scores [B, T, V].
double loss_of(const std::vector<float>& scores, const Batch& batch, int vocabulary) {
  double total = 0;
  for (std::size_t i = 0; i < batch.targets.size(); ++i) {
    double sum = 0;
    for (int v = 0; v < vocabulary; ++v) sum += std::exp(scores[i * vocabulary + v]);
    total += std::log(sum) - scores[i * vocabulary + batch.targets[i]];
  }
  return total / static_cast<double>(batch.targets.size());
}

TEST(PackedNetwork, LosesLittleWithRoundedWeightsOnATrainedNetwork) {
  const NetworkShape shape{9, 64, 2};
  const auto text = grammar_text(20000, shape.vocabulary);
  const auto backend = make_fused_backend(fresh_state(shape, 32, initial_weights(shape, 1)), {});
  double loss = 0;
  for (std::uint64_t step = 1; step <= 300; ++step) {
    const Batch batch = grammar_batch(text, step * 1024, 32, 24);
    loss = backend->begin(backend->transfer(batch), {.step = step, .learning_rate = 5e-3F})().loss;
  }
  ASSERT_LT(loss, 1.2);  // log 9 is 2.2: it has learnt
  const Batch batch = grammar_batch(text, 500, 32, 24);
  std::vector<double> losses;
  for (const WeightFormat format : formats_here()) {
    std::vector<RowState> states(32, zero_row_state(shape));
    const PackedNetwork network(shape, *backend->weights(), {.weights = format});
    losses.push_back(loss_of(advance_batch(network, batch, states), batch, shape.vocabulary));
  }
  for (const double rounded : losses) EXPECT_NEAR(rounded, losses[0], 0.005);
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

/// Every size with every cell.
std::vector<NetworkShape> shapes() {
  std::vector<NetworkShape> shapes;
  for (int cell = 0; cell < kCellKinds; ++cell) {
    for (NetworkShape shape :
         {NetworkShape{2, 1, 1}, NetworkShape{5, 7, 2}, NetworkShape{83, 16, 1},
          NetworkShape{33, 17, 3}, NetworkShape{97, 64, 2}, NetworkShape{11, 45, 2}}) {
      shape.cell = static_cast<CellKind>(cell);
      shapes.push_back(shape);
    }
  }
  return shapes;
}

INSTANTIATE_TEST_SUITE_P(Shapes, PackedNetworkOfShape, testing::ValuesIn(shapes()),
                         [](const auto& shape) {
                           std::string name(describe(shape.param.cell).name);
                           name += "V";
                           name += std::to_string(shape.param.vocabulary);
                           name += "H";
                           name += std::to_string(shape.param.hidden);
                           name += "L";
                           name += std::to_string(shape.param.layers);
                           return name;
                         });

}  // namespace
}  // namespace charrnn
