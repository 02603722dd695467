#include "model/torch/network_training.h"

#include <ATen/core/grad_mode.h>

#include "base/trace.h"
#include "model/torch/dropout_masks.h"
#include "model/torch/precision.h"

namespace charrnn {

NetworkTraining::NetworkTraining(const TrainState& state, const Engine& engine)
    : engine_(engine), shape_(state.network), optimizer_(state.optimizer) {
  const auto count = static_cast<std::int64_t>(parameter_count(shape_));
  const at::Device device = engine_.device;
  weights_ = to_tensor(state.weights, {count}, device);
  gradient_ = at::zeros_like(weights_);
  for (const OptimizerSlot& slot : state.slots) {
    slots_.push_back(to_tensor(slot.values, {count}, device));
  }
  for (const CarriedTensor& tensor : state.carried) {
    carried_.push_back(
        to_tensor(tensor.values, {shape_.layers, state.rows, shape_.hidden}, device));
  }
  parameters_ = view_parameters(shape_, weights_, gradient_);
  update_factors_ = at::zeros({kUpdateFactors}, at::TensorOptions(at::kFloat).device(device));
  decay_ = at::zeros({}, at::TensorOptions(at::kFloat).device(device));
  average_share_ = at::zeros({}, at::TensorOptions(at::kFloat).device(device));
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
  decay_.fill_(optimizer_.weight_decay * settings.learning_rate);
  average_share_.fill_(average_share(optimizer_, settings.step));
  if (settings.dropout <= 0.0F || !engine_.device_masks) return;
  for (int layer = 0; layer < shape_.layers; ++layer) {
    const auto words = mask_words({settings.seed, settings.step, layer, settings.dropout});
    for (std::int64_t i = 0; i < 2; ++i) mask_words_[layer][i].fill_(words[i]);
  }
}

void NetworkTraining::start_epoch() {
  const at::NoGradGuard no_gradients;
  for (at::Tensor& state : carried_) state.zero_();
}

void NetworkTraining::step(const Window& window, const StepSettings& settings) {
  accumulate(window, settings);
  reduce();
  apply(settings);
}

void NetworkTraining::accumulate(const Window& window, const StepSettings& settings) {
  gradient_.zero_();
  CarriedState after = carried_;
  const at::Tensor loss = forward_loss(window, settings, after);
  {
    const TraceSpan span("backward");
    loss.backward();
  }
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < carried_.size(); ++i) carried_[i].copy_(after[i]);
  results_[0].copy_(loss);
}

// The reduction works in the host's memory.
void NetworkTraining::reduce() {
  if (engine_.reduction == nullptr) return;
  at::Tensor gradient = gradient_.cpu();
  engine_.reduction->start(
      {gradient.mutable_data_ptr<float>(), static_cast<std::size_t>(gradient.numel())});
  engine_.reduction->finish();
  if (!gradient_.is_cpu()) gradient_.copy_(gradient);
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

void NetworkTraining::apply(const StepSettings& settings) {
  const TraceSpan span("clip and optimiser");
  const at::NoGradGuard no_gradients;
  const at::Tensor norm = gradient_norm(split_gradient());
  const UpdateTensors tensors{
      .weights = weights_,
      .gradient = settings.clip > 0.0F ? clipped(gradient_, norm, settings.clip) : gradient_,
      .slots = slots_,
      .factors = update_factors_,
      .layout = parameter_layout(shape_),
  };
  const bool decays = optimizer_.weight_decay > 0.0;
  const at::Tensor before = decays ? weights_.clone() : at::Tensor();
  optimizer_step(optimizer_.kind)(tensors);
  if (decays) decay_matrices(tensors, before, decay_, optimizer_.cautious_decay);
  if (averages()) slots_.back().add_((weights_ - slots_.back()) * average_share_);
  results_[1].copy_(norm);
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
  const auto names = slot_names(optimizer_);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    state.slots.push_back({.name = std::string(names[i]), .values = to_vector(slots_[i])});
  }
  state.carried = zero_carried(shape_, state.rows);
  for (std::size_t i = 0; i < carried_.size(); ++i) {
    state.carried[i].values = to_vector(carried_[i]);
  }
  return state;
}

}  // namespace charrnn
