#pragma once

#include <cstdint>
#include <vector>

#include "model/batch.h"
#include "model/network.h"

namespace charrnn {

/// One training step's result, as plain loops in double precision have it.
struct PlainResult {
  double loss = 0.0;                         ///< mean cross-entropy, nats
  std::vector<double> gradient;              ///< of the loss, laid out as Weights
  std::vector<std::vector<double>> carried;  ///< the cell's states, [L, B, H] after the window
  std::vector<double> scores;                ///< [B, T, V]
};

/// What plain_step() reads besides the weights.
struct PlainInput {
  Batch batch;
  std::vector<std::vector<double>> carried;  ///< the cell's states, [L, B, H] before the window
  float dropout = 0.0F;
  std::uint64_t seed = 0;
  std::uint64_t step = 1;
};

/// The textbook network and its gradient in triple loops: what every kernel is held to.
PlainResult plain_step(const NetworkShape& shape, const std::vector<double>& weights,
                       const PlainInput& input);

/// A batch of symbols drawn from (seed); with `resets`, about one character in ten resets its row.
Batch random_batch(const NetworkShape& shape, int rows, int length, std::uint64_t seed,
                   bool resets = false);

/// `count` numbers in (-scale, scale) drawn from (seed).
std::vector<double> random_values(std::size_t count, double scale, std::uint64_t seed);

/// |a - b| / |b| by the Euclidean norm.
template <class A, class B>
double relative_distance(const A& a, const B& b);

}  // namespace charrnn

#include <cmath>

template <class A, class B>
double charrnn::relative_distance(const A& a, const B& b) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    difference += (x - y) * (x - y);
    norm += y * y;
  }
  return std::sqrt(difference / (norm + 1e-300));
}
