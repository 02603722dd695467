#pragma once

#include <algorithm>

#include "model/backend.h"
#include "tests/model/plain_optimizer.h"

namespace charrnn {

/// How far the average that a backend has after ten steps is from that of plain loops over the
/// weights of each step, relative to it. `batch(step)` gives the steps' batches.
template <class Batches>
double distance_from_plain_average(Backend& backend, const TrainState& start,
                                   const Batches& batch) {
  std::vector<double> average(start.weights.begin(), start.weights.end());
  for (std::uint64_t step = 1; step <= 10; ++step) {
    backend.begin(backend.transfer(batch(step)), {.step = step, .learning_rate = 0.02F})();
    const double decay = std::min(start.optimizer.ema, (1.0 + step) / (10.0 + step));
    const Weights weights = backend.state().weights;
    for (std::size_t i = 0; i < average.size(); ++i) {
      average[i] = decay * average[i] + (1 - decay) * double{weights[i]};
    }
  }
  return relative_error(*backend.weights(), average);
}

}  // namespace charrnn
