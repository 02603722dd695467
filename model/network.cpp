#include "model/network.h"

#include <cmath>
#include <utility>

#include "base/counter_rng.h"

namespace charrnn {
namespace {

/// Appends tensors one behind the other.
class Layout {
 public:
  void add(std::string name, std::vector<std::int64_t> shape) {
    std::size_t size = 1;
    for (const std::int64_t extent : shape) size *= static_cast<std::size_t>(extent);
    tensors_.push_back({std::move(name), std::move(shape), end_, size});
    end_ += size;
  }

  std::vector<TensorSpec> take() { return std::move(tensors_); }

 private:
  std::vector<TensorSpec> tensors_;
  std::size_t end_ = 0;
};

}  // namespace

std::vector<TensorSpec> parameter_layout(const NetworkShape& shape) {
  const std::int64_t gates = 4 * std::int64_t{shape.hidden};
  Layout layout;
  for (int layer = 0; layer < shape.layers; ++layer) {
    const std::string suffix = "_l" + std::to_string(layer);
    layout.add("lstm.weight_ih" + suffix, {gates, layer == 0 ? shape.vocabulary : shape.hidden});
    layout.add("lstm.weight_hh" + suffix, {gates, shape.hidden});
    layout.add("lstm.bias_ih" + suffix, {gates});
    layout.add("lstm.bias_hh" + suffix, {gates});
  }
  layout.add("fc.weight", {shape.vocabulary, shape.hidden});
  layout.add("fc.bias", {shape.vocabulary});
  return layout.take();
}

std::size_t parameter_count(const NetworkShape& shape) {
  const TensorSpec last = parameter_layout(shape).back();
  return last.offset + last.size;
}

Weights initial_weights(const NetworkShape& shape, std::uint64_t seed) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(shape.hidden));
  const std::uint64_t high = counter_high(RandomUse::kInitialWeights);
  Weights weights(parameter_count(shape));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<float>((2.0 * uniform53(seed, i, high) - 1.0) * bound);
  }
  return weights;
}

TrainState fresh_state(const NetworkShape& shape, int rows, Weights weights) {
  const std::size_t parameters = parameter_count(shape);
  const std::size_t carried = static_cast<std::size_t>(shape.layers) *
                              static_cast<std::size_t>(rows) *
                              static_cast<std::size_t>(shape.hidden);
  TrainState state;
  state.network = shape;
  state.rows = rows;
  state.weights = std::move(weights);
  state.exp_avg.assign(parameters, 0.0F);
  state.exp_avg_sq.assign(parameters, 0.0F);
  state.hidden.assign(carried, 0.0F);
  state.cell.assign(carried, 0.0F);
  return state;
}

}  // namespace charrnn
