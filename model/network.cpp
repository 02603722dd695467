#include "model/network.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/counter_rng.h"
#include "model/network_tensors.h"

namespace charrnn {
namespace {

/// Appends tensors one behind the other.
class Layout {
 public:
  void add(TensorSpec tensor) {
    tensor.offset = end_;
    tensor.size = 1;
    for (const std::int64_t extent : tensor.shape) tensor.size *= static_cast<std::size_t>(extent);
    end_ += tensor.size;
    tensors_.push_back(std::move(tensor));
  }

  std::vector<TensorSpec> take() { return std::move(tensors_); }

 private:
  std::vector<TensorSpec> tensors_;
  std::size_t end_ = 0;
};

void add_layer(const NetworkShape& shape, int layer, Layout& layout) {
  const Cell& cell = describe(shape.cell);
  const std::string module = std::string(cell.name) + ".";
  const std::int64_t rows = cell.gate_count() * std::int64_t{shape.hidden};
  const std::string suffix = "_l" + std::to_string(layer);
  const bool reads_characters = layer == 0;
  layout.add({.name = module + "weight_ih" + suffix,
              .shape = {rows, reads_characters ? shape.vocabulary : shape.hidden},
              .role = TensorRole::kInput,
              .gates = cell.gate_count(),
              .vocabulary_axis = reads_characters ? std::optional(1) : std::nullopt});
  layout.add({.name = module + "weight_hh" + suffix,
              .shape = {rows, shape.hidden},
              .role = TensorRole::kRecurrent,
              .gates = cell.gate_count()});
  for (const char* bias : {"bias_ih", "bias_hh"}) {
    layout.add({.name = module + bias + suffix,
                .shape = {rows},
                .role = TensorRole::kBias,
                .gates = cell.gate_count()});
  }
}

void add_forget_bias(const NetworkShape& shape, float forget_bias, Weights& weights) {
  const auto gates = describe(shape.cell).gates;
  const auto gate = std::ranges::find(gates, std::string_view("forget"));
  if (gate == gates.end()) return;
  const std::size_t first =
      static_cast<std::size_t>(gate - gates.begin()) * static_cast<std::size_t>(shape.hidden);
  for (const LayerTensors& layer : NetworkTensors(shape).layers) {
    for (int unit = 0; unit < shape.hidden; ++unit) {
      weights[layer.bias_ih.offset + first + static_cast<std::size_t>(unit)] += forget_bias;
    }
  }
}

}  // namespace

std::vector<TensorSpec> parameter_layout(const NetworkShape& shape) {
  Layout layout;
  for (int layer = 0; layer < shape.layers; ++layer) add_layer(shape, layer, layout);
  layout.add({.name = "fc.weight",
              .shape = {shape.vocabulary, shape.hidden},
              .role = TensorRole::kHead,
              .vocabulary_axis = 0});
  layout.add({.name = "fc.bias",
              .shape = {shape.vocabulary},
              .role = TensorRole::kHeadBias,
              .vocabulary_axis = 0});
  return layout.take();
}

std::size_t parameter_count(const NetworkShape& shape) {
  const TensorSpec last = parameter_layout(shape).back();
  return last.offset + last.size;
}

// On the bits, which compilers make vectors of: an exponent of ones only means not finite.
bool all_finite(std::span<const float> values) {
  std::uint32_t most = 0;
  for (const float value : values) {
    most = std::max(most, std::bit_cast<std::uint32_t>(value) & 0x7FFFFFFFU);
  }
  return most < 0x7F800000U;
}

Weights initial_weights(const NetworkShape& shape, std::uint64_t seed, double forget_bias) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(shape.hidden));
  const std::uint64_t high = counter_high(RandomUse::kInitialWeights);
  Weights weights(parameter_count(shape));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<float>((2.0 * uniform53(seed, i, high) - 1.0) * bound);
  }
  if (forget_bias != 0.0) add_forget_bias(shape, static_cast<float>(forget_bias), weights);
  return weights;
}

std::vector<OptimizerSlot> zero_slots(const OptimizerOptions& optimizer, std::size_t parameters) {
  std::vector<OptimizerSlot> slots;
  for (const std::string_view name : slot_names(optimizer)) {
    slots.push_back({.name = std::string(name), .values = Weights(parameters, 0.0F)});
  }
  return slots;
}

std::vector<CarriedTensor> zero_carried(const NetworkShape& shape, int rows) {
  const std::size_t size = static_cast<std::size_t>(shape.layers) * static_cast<std::size_t>(rows) *
                           static_cast<std::size_t>(shape.hidden);
  std::vector<CarriedTensor> carried;
  for (const std::string_view state : describe(shape.cell).states) {
    carried.push_back({std::string(state), std::vector<float>(size, 0.0F)});
  }
  return carried;
}

const Weights& model_weights(const TrainState& state) {
  return state.optimizer.ema > 0.0 ? state.slots.back().values : state.weights;
}

TrainState fresh_state(const NetworkShape& shape, int rows, Weights weights,
                       const OptimizerOptions& optimizer) {
  TrainState state;
  state.network = shape;
  state.rows = rows;
  state.weights = std::move(weights);
  state.optimizer = optimizer;
  state.slots = zero_slots(optimizer, parameter_count(shape));
  if (optimizer.ema > 0.0) state.slots.back().values = state.weights;
  state.carried = zero_carried(shape, rows);
  return state;
}

}  // namespace charrnn
