// Cross-entropy and the sum of squares. For kernels_*.cpp only.
#pragma once

#include "model/fused/kernels.h"
#include "model/fused/vector_math.h"

namespace charrnn::CHARRNN_ISA {

/// One row's scores: vector g lies at scores + g * stride.
struct ScoreRow {
  float* scores;
  std::ptrdiff_t stride;
  int groups;
};

/// The largest score. It may pass over a NaN: exponentiate() turns that one into a NaN of the sum.
CHARRNN_INLINE float largest(const ScoreRow& row) {
  Floats most = load(row.scores);
  for (int g = 1; g < row.groups; ++g) most = maximum(most, load(row.scores + g * row.stride));
  float result = most[0];
  for (int i = 1; i < kWidth; ++i) result = most[i] > result ? most[i] : result;
  return result;
}

/// Replaces the scores by e^(score - most) and returns their sum.
CHARRNN_INLINE float exponentiate(const ScoreRow& row, float most) {
  Floats sums{};
  for (int g = 0; g < row.groups; ++g) {
    float* p = row.scores + g * row.stride;
    const Floats shifted = load(p) - most;
    // Padding has a score of -1e30 and no probability.
    const Floats e = shifted < -80.0F ? Floats{} : exponential(shifted);
    store(p, e);
    sums += e;
  }
  float sum = 0.0F;
  for (int i = 0; i < kWidth; ++i) sum += sums[i];
  return sum;
}

static double cross_entropy(const CrossEntropy& x) {
  double total = 0.0;
  const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(x.rows) * kWidth;
  for (int t = 0; t < x.steps; ++t) {
    for (int r = 0; r < x.rows; ++r) {
      const ScoreRow row{x.scores + t * x.step + r * kWidth, stride, x.groups};
      const int target = x.targets[t * x.rows + r];
      float* at_target = row.scores + target / kWidth * stride + target % kWidth;
      const float most = largest(row), score = *at_target;
      const float sum = exponentiate(row, most);
      total += static_cast<double>(most - score) + __builtin_log(static_cast<double>(sum));
      if (x.scale == 0.0F) continue;
      const float share = x.scale / sum;
      for (int g = 0; g < x.groups; ++g) {
        store(row.scores + g * stride, load(row.scores + g * stride) * share);
      }
      *at_target -= x.scale;
    }
  }
  return total;
}

/// In double, eight sums side by side.
static double sum_of_squares(const float* values, std::size_t count) {
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (int j = 0; j < 8; ++j) {
      const double x = values[i + j];
      sums[j] += x * x;
    }
  }
  for (; i < count; ++i) sums[0] += static_cast<double>(values[i]) * values[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

}  // namespace charrnn::CHARRNN_ISA
