#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "model/fused/int8_weights.h"
#include "model/fused/kernel_choice.h"
#include "tests/model/fused/plain_network.h"

namespace charrnn {
namespace {

constexpr NetworkShape kShape{83, 70, 1};
constexpr int kRows = 15;  // more than one pass takes

/// fc's scores of one row of hidden states, with both sides rounded as kernels.h says.
std::vector<double> plain_scores(const Weights& weights, const double* hidden) {
  const auto layout = parameter_layout(kShape);
  std::vector<double> scores;
  for (int v = 0; v < kShape.vocabulary; ++v) {
    const float* row = weights.data() + layout[4].offset + v * kShape.hidden;
    float largest = 0;
    for (int k = 0; k < kShape.hidden; ++k) largest = std::max(largest, std::abs(row[k]));
    const float step = largest / 127.0F;
    double sum = 0;
    for (int k = 0; k < kShape.hidden; ++k) {
      sum += std::nearbyint(hidden[k] * kInt8ActivationScale) * std::lround(row[k] / step);
    }
    scores.push_back(weights[layout[5].offset + v] + step * sum / kInt8ActivationScale);
  }
  return scores;
}

/// The same by a processor's kernels; [row][symbol].
std::vector<double> scores_by(const Kernels& kernels, const Weights& weights,
                              const std::vector<double>& hidden) {
  const Geometry geometry(kShape, kernels.width);
  const Int8Weights packed(geometry, weights, kernels.int8_terms);
  AlignedBuffer tiles(geometry.unit_tiles(kRows)), scores(geometry.score_step(kRows));
  const int w = kernels.width;
  const auto place = [&](int row, int i) { return (i / w * kRows + row) * w + i % w; };
  for (int row = 0; row < kRows; ++row) {
    for (int k = 0; k < kShape.hidden; ++k) {
      tiles.data()[place(row, k)] = static_cast<float>(hidden[row * kShape.hidden + k]);
    }
  }
  std::vector<std::byte> rounded(tiles.size() * 4 / kernels.int8_terms);
  kernels.round_activations(tiles.data(), tiles.size(), rounded.data());
  kernels.int8_product({.rows = kRows,
                        .a = rounded.data(),
                        .a_groups = geometry.groups,
                        .b = packed.scores().weights(),
                        .panels = geometry.symbol_groups / 2,
                        .start = packed.scores().start.data(),
                        .scale = packed.scores().scale.data(),
                        .bias = packed.scores().bias.data(),
                        .c = scores.data()});
  std::vector<double> all;
  for (int row = 0; row < kRows; ++row) {
    for (int v = 0; v < kShape.vocabulary; ++v) all.push_back(scores.data()[place(row, v)]);
  }
  return all;
}

TEST(Int8Product, GivesTheSumsOfRoundedNumbersWithEveryInstructionSet) {
  const auto values = random_values(parameter_count(kShape), 0.4, 1);
  const Weights weights(values.begin(), values.end());
  auto hidden = random_values(kRows * kShape.hidden, 0.5, 2);
  hidden.front() = 1.0;  // the farthest that a hidden state goes
  hidden[1] = -1.0;
  for (double& h : hidden) h = std::clamp(static_cast<double>(static_cast<float>(h)), -1.0, 1.0);
  std::vector<double> plain;
  for (int row = 0; row < kRows; ++row) {
    const auto scores = plain_scores(weights, hidden.data() + row * kShape.hidden);
    plain.insert(plain.end(), scores.begin(), scores.end());
  }
  for (const Kernels* kernels : runnable_kernels()) {
    EXPECT_LT(relative_distance(scores_by(*kernels, weights, hidden), plain), 1e-6)
        << kernels->name;
  }
}

}  // namespace
}  // namespace charrnn
