#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "model/backend.h"
#include "tests/model/plain_optimizer.h"

namespace charrnn {

/// A row-major matrix in double precision.
struct PlainMatrix {
  int rows = 0;
  int columns = 0;
  std::vector<double> values = std::vector<double>(static_cast<std::size_t>(rows) * columns);

  double& at(int i, int j) { return values[static_cast<std::size_t>(i) * columns + j]; }
  double at(int i, int j) const { return values[static_cast<std::size_t>(i) * columns + j]; }

  PlainMatrix transposed() const {
    PlainMatrix result{.rows = columns, .columns = rows};
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < columns; ++j) result.at(j, i) = at(i, j);
    }
    return result;
  }
};

inline PlainMatrix operator*(const PlainMatrix& one, const PlainMatrix& other) {
  PlainMatrix result{.rows = one.rows, .columns = other.columns};
  for (int i = 0; i < one.rows; ++i) {
    for (int k = 0; k < one.columns; ++k) {
      for (int j = 0; j < other.columns; ++j) result.at(i, j) += one.at(i, k) * other.at(k, j);
    }
  }
  return result;
}

inline double plain_norm(const PlainMatrix& x) {
  double squares = 0.0;
  for (const double value : x.values) squares += value * value;
  return std::sqrt(squares);
}

/// Three Newton-Schulz steps on the shorter side's Gram matrix, as model/optimizer.h states them.
inline PlainMatrix plain_orthogonal(PlainMatrix x) {
  if (x.rows > x.columns) return plain_orthogonal(x.transposed()).transposed();
  const double norm = plain_norm(x);
  for (double& value : x.values) value /= norm;
  PlainMatrix gram = x * x.transposed();
  const double bound = 1.02 * std::pow(plain_norm(gram * gram), 0.25);
  for (double& value : x.values) value /= bound;
  for (const auto& [a, b, c] :
       {std::array{7.8977, -22.8490, 16.8329}, {3.3731, -2.4789, 0.4924}, {1.6252, -0.4740, 0.0}}) {
    gram = x * x.transposed();
    const PlainMatrix cubed = gram * x, fifth = gram * cubed;
    for (std::size_t i = 0; i < x.values.size(); ++i) {
      x.values[i] = a * x.values[i] + b * cubed.values[i] + c * fifth.values[i];
    }
  }
  for (double& value : x.values) value *= norm / (norm + 1e-7);
  return x;
}

/// Muon on every gate's block of every matrix and Adam on the biases, in plain loops.
class PlainMuon {
 public:
  PlainMuon(const NetworkShape& shape, const OptimizerOptions& options, const Weights& weights)
      : layout_(parameter_layout(shape)),
        options_(options),
        weights_(weights.begin(), weights.end()),
        average_(weights.size(), 0.0) {
    for (const TensorSpec& tensor : layout_) {
      const auto first = weights_.begin() + static_cast<std::ptrdiff_t>(tensor.offset);
      adam_.emplace_back(
          OptimizerOptions{},
          std::vector<double>(first, first + static_cast<std::ptrdiff_t>(tensor.size)));
    }
  }

  /// A step with a gradient that is clipped already.
  void update(const std::vector<double>& gradient, std::uint64_t step, double rate) {
    for (std::size_t t = 0; t < layout_.size(); ++t) {
      const TensorSpec& tensor = layout_[t];
      if (tensor.is_matrix()) {
        for (int gate = 0; gate < tensor.gates; ++gate) block(tensor, gate, gradient, rate);
      } else {
        const auto first = gradient.begin() + static_cast<std::ptrdiff_t>(tensor.offset);
        adam_[t].update({first, first + static_cast<std::ptrdiff_t>(tensor.size)}, step,
                        options_.bias_rate * rate);
        std::ranges::copy(adam_[t].weights(),
                          weights_.begin() + static_cast<std::ptrdiff_t>(tensor.offset));
      }
    }
  }

  const std::vector<double>& weights() const { return weights_; }

 private:
  void block(const TensorSpec& tensor, int gate, const std::vector<double>& gradient, double rate) {
    const int rows = static_cast<int>(tensor.shape[0]) / tensor.gates;
    const int columns = static_cast<int>(tensor.shape[1]);
    PlainMatrix direction{.rows = rows, .columns = columns};
    const std::size_t first = tensor.offset + direction.values.size() * gate;
    for (std::size_t i = 0; i < direction.values.size(); ++i) {
      double& average = average_[first + i];
      average = 0.95 * average + 0.05 * gradient[first + i];
      direction.values[i] = 0.05 * gradient[first + i] + 0.95 * average;
    }
    const PlainMatrix orthogonal = plain_orthogonal(direction);
    const double scale = std::sqrt(std::max(1.0, static_cast<double>(rows) / columns));
    for (std::size_t i = 0; i < direction.values.size(); ++i) {
      double& weight = weights_[first + i];
      const double step = rate * scale * orthogonal.values[i];
      const bool decays = !options_.cautious_decay || step * weight > 0.0;
      weight -= step + (decays ? rate * options_.weight_decay * weight : 0.0);
    }
  }

  std::vector<TensorSpec> layout_;
  OptimizerOptions options_;
  std::vector<double> weights_;
  std::vector<double> average_;
  std::vector<PlainOptimizer> adam_;  // of each tensor; the matrices' are idle
};

/// How far ten steps of a backend end from where PlainMuon ends with the gradients that the backend
/// had, relative to the weights. `batch(step)` gives the steps' batches.
template <class Batches>
double distance_from_plain_muon(Backend& backend, const TrainState& start, const Batches& batch) {
  constexpr double kClip = 0.5, kRate = 0.02;
  PlainMuon plain(start.network, start.optimizer, start.weights);
  for (std::uint64_t step = 1; step <= 10; ++step) {
    const StepResult result =
        backend.begin(backend.transfer(batch(step)), {.step = step,
                                                      .learning_rate = static_cast<float>(kRate),
                                                      .clip = static_cast<float>(kClip)})();
    const Weights gradient = backend.gradients();
    const double factor = std::min(1.0, kClip / (result.gradient_norm + 1e-6));
    std::vector<double> clipped(gradient.size());
    std::ranges::transform(gradient, clipped.begin(), [&](float g) { return factor * double{g}; });
    plain.update(clipped, step, kRate);
  }
  return relative_error(*backend.weights(), plain.weights());
}

}  // namespace charrnn
