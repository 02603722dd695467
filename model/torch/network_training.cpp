#include "model/torch/network_training.h"

#include <ATen/core/grad_mode.h>

#include "base/trace.h"
#include "model/torch/dropout_masks.h"
#include "model/torch/precision.h"

namespace charrnn {

NetworkTraining::NetworkTraining(const TrainState& state, const Engine& engine)
    : engine_(engine), shape_(state.network), optimizer_(state.optimizer) {
  const auto count = static_cast<std::int64_t>(parameter_count(shape_));
  const std::vector<std::int64_t> carried{shape_.layers, state.rows, shape_.hidden};
  const at::Device device = engine_.device;
  weights_ = to_tensor(state.weights, {count}, device);
  gradient_ = at::zeros_like(weights_);
  for (const OptimizerSlot& slot : state.slots) {
    slots_.push_back(to_tensor(slot.values, {count}, device));
  }
  carried_ = {to_tensor(state.hidden, carried, device), to_tensor(state.cell, carried, device)};
  parameters_ = view_parameters(shape_, weights_, gradient_);
  update_factors_ = at::zeros({kUpdateFactors}, at::TensorOptions(at::kFloat).device(device));
  mask_words_ = at::zeros({shape_.layers, 2}, at::TensorOptions(at::kLong).device(device));
  results_ = at::zeros({2}, at::TensorOptions(at::kFloat).device(device));
}

void NetworkTraining::prepare(const StepSettings& settings) {
  const at::NoGradGuard no_gradients;
  const UpdateFactors factors =
      optimizer_rule(optimizer_.kind).factors(optimizer_, settings.step, settings.learning_rate);
  for (std::size_t i = 0; i < factors.size(); ++i) {
    update_factors_[static_cast<std::int64_t>(i)].fill_(factors[i]);
  }
  if (settings.dropout <= 0.0F || !engine_.device_masks) return;
  for (int layer = 0; layer < shape_.layers; ++layer) {
    const auto words = mask_words({settings.seed, settings.step, layer, settings.dropout});
    for (std::int64_t i = 0; i < 2; ++i) mask_words_[layer][i].fill_(words[i]);
  }
}

void NetworkTraining::start_epoch() {
  const at::NoGradGuard no_gradients;
  carried_.hidden.zero_();
  carried_.cell.zero_();
}

void NetworkTraining::step(const Window& window, const StepSettings& settings) {
  gradient_.zero_();
  CarriedState after = carried_;
  const at::Tensor loss = forward_loss(window, settings, after);
  {
    const TraceSpan span("backward");
    loss.backward();
  }
  const at::NoGradGuard no_gradients;
  const at::Tensor norm = update(settings.clip);
  carried_.hidden.copy_(after.hidden);
  carried_.cell.copy_(after.cell);
  results_[0].copy_(loss);
  results_[1].copy_(norm);
}

at::Tensor NetworkTraining::forward_loss(const Window& window, const StepSettings& settings,
                                         CarriedState& state) {
  const TraceSpan span("forward");
  const MixedPrecision precision(engine_.precision, engine_.device);
  const at::Tensor scores = forward(parameters_, window, state,
                                    masks(window.inputs.size(0), settings), engine_.first_layer);
  return at::cross_entropy_loss(scores, window.targets);
}

std::vector<at::Tensor> NetworkTraining::masks(std::int64_t length,
                                               const StepSettings& settings) const {
  std::vector<at::Tensor> masks;
  if (settings.dropout <= 0.0F) return masks;
  const std::vector<std::int64_t> size{length, rows(), shape_.hidden};
  for (int layer = 0; layer < shape_.layers; ++layer) {
    const DropoutKey key{settings.seed, settings.step, layer, settings.dropout};
    masks.push_back(engine_.device_masks ? device_dropout_mask(key, mask_words_[layer], size)
                                         : host_dropout_mask(key, size));
  }
  return masks;
}

// Returns the norm before clipping.
at::Tensor NetworkTraining::update(float clip) {
  const TraceSpan span("clip and optimiser");
  const at::Tensor norm = gradient_norm(split_gradient());
  optimizer_step(optimizer_.kind)({
      .weights = weights_,
      .gradient = clip > 0.0F ? clipped(gradient_, norm, clip) : gradient_,
      .slots = slots_,
      .factors = update_factors_,
  });
  return norm;
}

std::vector<at::Tensor> NetworkTraining::split_gradient() const {
  std::vector<std::int64_t> sizes;
  for (const TensorSpec& tensor : parameter_layout(shape_)) {
    sizes.push_back(static_cast<std::int64_t>(tensor.size));
  }
  return gradient_.split_with_sizes(sizes);
}

TrainState NetworkTraining::state() const {
  TrainState state;
  state.network = shape_;
  state.rows = static_cast<int>(rows());
  state.weights = to_vector(weights_);
  state.optimizer = optimizer_;
  const auto names = optimizer_rule(optimizer_.kind).slots;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    state.slots.push_back({.name = std::string(names[i]), .values = to_vector(slots_[i])});
  }
  state.hidden = to_vector(carried_.hidden);
  state.cell = to_vector(carried_.cell);
  return state;
}

}  // namespace charrnn
