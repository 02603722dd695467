#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "model/backend.h"
#include "model/torch/char_rnn.h"
#include "model/torch/engine.h"
#include "model/torch/optimizer.h"

namespace charrnn {

/// A network in training as tensors. What a step reads and writes stays in its place, and what
/// differs from step to step is in tensors too, so that a recorded step can be done again. All
/// members but the constructor's end in tensor operations of the calling thread; only state() and
/// gradients() read what they computed.
class NetworkTraining {
 public:
  NetworkTraining(const TrainState& state, const Engine& engine);

  /// Before step(): what depends on the number of the step.
  void prepare(const StepSettings& settings);

  /// Before step(): zeroes the carried state.
  void start_epoch();

  /// Accumulates the gradient, reduces it over the machines and applies it. Of the settings it
  /// reads seed, dropout and clip, and the number only where masks come from the host.
  void step(const Window& window, const StepSettings& settings);

  /// True when the host takes part in step(), which then cannot be recorded: it makes the masks, or
  /// exchanges gradients.
  bool needs_host(const StepSettings& settings) const {
    return (settings.dropout > 0.0F && !engine_.device_masks) || engine_.reduction != nullptr;
  }

  /// [2] loss and gradient norm of the last step().
  const at::Tensor& results() const { return results_; }

  std::int64_t rows() const { return carried_.front().size(1); }
  /// The weights that are validated and served.
  const at::Tensor& model_weights() const { return averages() ? slots_.back() : weights_; }
  const at::Tensor& gradient() const { return gradient_; }

  /// All but `steps`, which the caller counts.
  TrainState state() const;

 private:
  at::Tensor forward_loss(const Window& window, const StepSettings& settings, CarriedState& state);
  std::vector<at::Tensor> masks(std::int64_t length, const StepSettings& settings) const;
  /// Forward and backward: gradient, carried state and loss.
  void accumulate(const Window& window, const StepSettings& settings);
  /// Makes the gradient that of all machines.
  void reduce();
  /// Norm, clip and optimiser: weights, moments and norm.
  void apply(const StepSettings& settings);
  std::vector<at::Tensor> split_gradient() const;
  bool averages() const { return optimizer_.ema > 0.0; }

  Engine engine_;
  NetworkShape shape_;
  at::Tensor weights_;   // all parameters, flat
  at::Tensor gradient_;  // likewise
  NetworkParameters parameters_;
  OptimizerOptions optimizer_;
  std::vector<at::Tensor> slots_;  // [P] each, as slot_names() has them
  CarriedState carried_;
  at::Tensor update_factors_;  // [kUpdateFactors]
  at::Tensor decay_;           // [], share of the weights that goes in a step
  at::Tensor average_share_;   // [], see average_share()
  at::Tensor mask_words_;      // [L, 2], see device_dropout_mask()
  at::Tensor results_;
};

}  // namespace charrnn
