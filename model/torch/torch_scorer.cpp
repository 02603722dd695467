#include "model/torch/torch_scorer.h"

#include <ATen/core/grad_mode.h>

#include <stdexcept>
#include <utility>

#include "model/torch/precision.h"
#include "model/torch/window.h"

namespace charrnn {
namespace {

class TorchScorer final : public Scorer {
 public:
  TorchScorer(const NetworkShape& shape, std::shared_ptr<const Weights> weights,
              const Engine& engine)
      : shape_(shape), weights_(std::move(weights)), engine_(engine) {}

  double score(const Batch& batch) override {
    use_threads(engine_.threads);
    const at::NoGradGuard no_gradients;
    prepare(batch);
    Window window = make_window(batch);
    move_to_device(window);
    const MixedPrecision precision(engine_.precision, engine_.device);
    const at::Tensor scores =
        forward(parameters_, window, carried_, /*masks=*/{}, engine_.first_layer);
    return at::cross_entropy_loss(scores, window.targets).item<float>();
  }

 private:
  void prepare(const Batch& batch) {
    if (!flat_.defined()) {
      flat_ = to_tensor(*weights_, {static_cast<std::int64_t>(weights_->size())}, engine_.device);
      parameters_ = view_parameters(shape_, flat_);
    }
    if (carried_.empty() || batch.starts_epoch) {
      carried_ = zero_state(shape_, batch.rows, engine_.device);
    }
    if (batch.rows != carried_.front().size(1)) {
      throw std::invalid_argument("a batch to score has another number of rows than those before");
    }
  }

  void move_to_device(Window& window) const {
    window.inputs = window.inputs.to(engine_.device);
    window.targets = window.targets.to(engine_.device);
    for (Reset& reset : window.resets) reset.keep = reset.keep.to(engine_.device);
  }

  NetworkShape shape_;
  std::shared_ptr<const Weights> weights_;
  Engine engine_;
  at::Tensor flat_;  // defined from the first batch on
  NetworkParameters parameters_;
  CarriedState carried_;
};

}  // namespace

std::unique_ptr<Scorer> make_torch_scorer(const NetworkShape& shape,
                                          std::shared_ptr<const Weights> weights,
                                          const Engine& engine) {
  return std::make_unique<TorchScorer>(shape, std::move(weights), engine);
}

}  // namespace charrnn
