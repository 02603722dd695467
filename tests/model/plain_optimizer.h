#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/counter_rng.h"
#include "model/network.h"

namespace charrnn {

/// Optimisers in plain loops and double precision, as PyTorch's documentation states them. Every
/// implementation is held to these.
class PlainOptimizer {
 public:
  PlainOptimizer(const OptimizerOptions& options, std::vector<double> weights)
      : options_(options),
        weights_(std::move(weights)),
        slots_(kMostSlots, std::vector<double>(weights_.size(), 0.0)) {}

  /// Step `step`, from 1, with a gradient that is clipped already.
  void update(const std::vector<double>& gradient, std::uint64_t step, double rate) {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      if (options_.kind == OptimizerKind::kAdam) adam(gradient[i], i, step, rate);
      if (options_.kind == OptimizerKind::kSgd) sgd(gradient[i], i, rate);
    }
  }

  const std::vector<double>& weights() const { return weights_; }

 private:
  void adam(double g, std::size_t i, std::uint64_t step, double rate) {
    double& m = slots_[0][i];
    double& v = slots_[1][i];
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    const double corrected_m = m / (1 - std::pow(0.9, step));
    const double corrected_v = v / (1 - std::pow(0.999, step));
    weights_[i] -= rate * corrected_m / (std::sqrt(corrected_v) + 1e-8);
  }

  void sgd(double g, std::size_t i, double rate) {
    double& buffer = slots_[0][i];
    buffer = options_.momentum * buffer + g;
    weights_[i] -= rate * (options_.nesterov ? g + options_.momentum * buffer : buffer);
  }

  OptimizerOptions options_;
  std::vector<double> weights_;
  std::vector<std::vector<double>> slots_;
};

/// Every optimiser that updates each weight by itself, in each of its ways.
inline std::vector<OptimizerOptions> every_optimizer() {
  std::vector<OptimizerOptions> all;
  for (const OptimizerRule& rule : optimizer_rules()) {
    if (!rule.orthogonal) all.push_back({.kind = rule.kind});
  }
  all.push_back({.kind = OptimizerKind::kSgd, .momentum = 0.0});
  all.push_back({.kind = OptimizerKind::kSgd, .momentum = 0.9, .nesterov = true});
  return all;
}

/// Element `i` of the weights (step 0) or of a step's gradient, in [-0.5, 0.5).
inline float drawn(std::uint64_t step, std::size_t i) {
  return static_cast<float>(uniform53(step, i, 0)) - 0.5F;
}

/// Where ten steps end that begin with the drawn weights and take the drawn gradients, halved by
/// clipping.
inline std::vector<double> plain_end(const OptimizerOptions& options, std::size_t size,
                                     double rate) {
  const auto values = [size](std::uint64_t step, double factor) {
    std::vector<double> all(size);
    for (std::size_t i = 0; i < size; ++i) all[i] = factor * double{drawn(step, i)};
    return all;
  };
  PlainOptimizer plain(options, values(0, 1.0));
  for (std::uint64_t step = 1; step <= 10; ++step) plain.update(values(step, 0.5), step, rate);
  return plain.weights();
}

/// |one - other| / |other|
inline double relative_error(const Weights& one, const std::vector<double>& other) {
  double difference = 0.0, size = 0.0;
  for (std::size_t i = 0; i < other.size(); ++i) {
    difference += (one[i] - other[i]) * (one[i] - other[i]);
    size += other[i] * other[i];
  }
  return std::sqrt(difference / size);
}

}  // namespace charrnn
