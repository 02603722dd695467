#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/counter_rng.h"
#include "model/batch.h"
#include "model/network.h"

namespace charrnn {

/// A symbol of a text without end that differs from seed to seed.
inline Symbol random_symbol(std::uint64_t seed, std::uint64_t row, std::uint64_t at,
                            int vocabulary) {
  return static_cast<Symbol>(philox(seed, at, row)[0] % static_cast<std::uint32_t>(vocabulary));
}

/// Characters [first, first + length) of each of `rows` random lanes.
inline Batch random_batch(std::uint64_t seed, int vocabulary, int rows, int length,
                          std::uint64_t first = 0) {
  Batch batch;
  batch.rows = rows;
  batch.length = length;
  batch.starts_epoch = first == 0;
  for (std::uint64_t row = 0; row < static_cast<std::uint64_t>(rows); ++row) {
    for (std::uint64_t t = first; t < first + static_cast<std::uint64_t>(length); ++t) {
      batch.inputs.push_back(random_symbol(seed, row, t, vocabulary));
      batch.targets.push_back(random_symbol(seed, row, t + 1, vocabulary));
    }
  }
  return batch;
}

/// A fresh training of random weights.
inline TrainState random_start(const NetworkShape& shape, int rows, std::uint64_t seed = 1) {
  return fresh_state(shape, rows, initial_weights(shape, seed));
}

/// ||a - b|| / ||b||
inline double relative_distance(const float* a, const float* b, std::size_t count) {
  double difference = 0.0;
  double norm = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    difference += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
    norm += double{b[i]} * b[i];
  }
  return norm > 0.0 ? std::sqrt(difference / norm) : std::sqrt(difference);
}

inline double relative_distance(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() ? relative_distance(a.data(), b.data(), a.size()) : INFINITY;
}

}  // namespace charrnn
