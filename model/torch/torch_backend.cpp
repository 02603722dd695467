#include "model/torch/torch_backend.h"

#include <ATen/core/grad_mode.h>

#include <stdexcept>
#include <utility>

#include "model/torch/char_lstm.h"
#include "model/torch/dropout_masks.h"
#include "model/torch/optimiser.h"
#include "model/torch/torch_scorer.h"
#include "model/trace.h"

namespace charrnn {
namespace {

void check_rows(const Batch& batch, std::int64_t rows) {
  if (batch.rows != rows) throw std::invalid_argument("a batch has another number of rows");
}

class TorchBackend final : public Backend {
 public:
  TorchBackend(const TrainState& state, const Engine& engine, std::unique_ptr<Transfer> transfer)
      : engine_(engine),
        shape_(state.network),
        steps_(state.steps),
        transfer_(std::move(transfer)) {
    use_threads(engine_.threads);
    const auto count = static_cast<std::int64_t>(parameter_count(shape_));
    const std::vector<std::int64_t> carried{shape_.layers, state.rows, shape_.hidden};
    weights_ = to_tensor(state.weights, {count}, engine_.device);
    gradient_ = at::zeros_like(weights_);
    moments_ = {to_tensor(state.exp_avg, {count}, engine_.device),
                to_tensor(state.exp_avg_sq, {count}, engine_.device)};
    carried_ = {to_tensor(state.hidden, carried, engine_.device),
                to_tensor(state.cell, carried, engine_.device)};
    parameters_ = view_parameters(shape_, weights_, gradient_);
  }

  std::shared_ptr<const DeviceBatch> transfer(Batch batch) override {
    return transfer_->start(std::move(batch));
  }

  StepResult step(const DeviceBatch& batch, const StepSettings& settings) override {
    use_threads(engine_.threads);
    const Batch& host = batch.host();
    check_rows(host, carried_.hidden.size(1));
    if (host.starts_epoch) carried_ = zero_state(shape_, host.rows, engine_.device);
    const at::Tensor loss = learn(transfer_->finish(batch), settings);
    const at::NoGradGuard no_gradients;
    const at::Tensor norm = update(settings);
    steps_ = settings.step;
    return {loss.item<float>(), norm.item<float>()};
  }

  Weights gradients() const override { return to_vector(gradient_); }

  std::shared_ptr<const Weights> weights() const override {
    return std::make_shared<const Weights>(to_vector(weights_));
  }

  TrainState state() const override {
    TrainState state;
    state.network = shape_;
    state.rows = static_cast<int>(carried_.hidden.size(1));
    state.steps = steps_;
    state.weights = to_vector(weights_);
    state.exp_avg = to_vector(moments_.exp_avg);
    state.exp_avg_sq = to_vector(moments_.exp_avg_sq);
    state.hidden = to_vector(carried_.hidden);
    state.cell = to_vector(carried_.cell);
    return state;
  }

  std::unique_ptr<Scorer> scorer(std::shared_ptr<const Weights> weights) const override {
    return make_torch_scorer(shape_, std::move(weights), engine_);
  }

 private:
  /// Forward and backward: fills gradient_, carries the state on.
  at::Tensor learn(const Window& window, const StepSettings& settings) {
    gradient_.zero_();
    const at::Tensor loss = forward_loss(window, settings);
    const TraceSpan span("backward");
    loss.backward();
    return loss.detach();
  }

  at::Tensor forward_loss(const Window& window, const StepSettings& settings) {
    const TraceSpan span("forward");
    const at::Tensor scores = forward(parameters_, window, carried_,
                                      masks(window.inputs.size(0), settings), engine_.first_layer);
    return at::cross_entropy_loss(scores, window.targets);
  }

  std::vector<at::Tensor> masks(std::int64_t length, const StepSettings& settings) const {
    std::vector<at::Tensor> masks;
    if (settings.dropout <= 0.0F) return masks;
    const std::vector<std::int64_t> size{length, carried_.hidden.size(1), shape_.hidden};
    for (int layer = 0; layer < shape_.layers; ++layer) {
      const DropoutKey key{settings.seed, settings.step, layer, settings.dropout};
      masks.push_back(engine_.device.is_cpu() ? host_dropout_mask(key, size)
                                              : device_dropout_mask(key, size, engine_.device));
    }
    return masks;
  }

  /// Clips and takes Adam's step. Returns the norm before clipping.
  at::Tensor update(const StepSettings& settings) {
    const TraceSpan span("clip and Adam");
    const at::Tensor norm = gradient_norm(split_gradient());
    const bool clips = settings.clip > 0.0F;
    adam_step(weights_, clips ? clipped(gradient_, norm, settings.clip) : gradient_, moments_,
              settings.step, settings.learning_rate);
    return norm;
  }

  std::vector<at::Tensor> split_gradient() const {
    std::vector<std::int64_t> sizes;
    for (const TensorSpec& tensor : parameter_layout(shape_)) {
      sizes.push_back(static_cast<std::int64_t>(tensor.size));
    }
    return gradient_.split_with_sizes(sizes);
  }

  Engine engine_;
  NetworkShape shape_;
  std::uint64_t steps_;
  std::unique_ptr<Transfer> transfer_;
  at::Tensor weights_;   // all parameters, flat
  at::Tensor gradient_;  // likewise
  NetworkParameters parameters_;
  Moments moments_;
  CarriedState carried_;
};

}  // namespace

std::unique_ptr<Backend> make_torch_backend(const TrainState& state, const Engine& engine,
                                            std::unique_ptr<Transfer> transfer) {
  return std::make_unique<TorchBackend>(state, engine, std::move(transfer));
}

}  // namespace charrnn
