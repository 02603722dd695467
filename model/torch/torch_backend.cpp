#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <cstring>
#include <stdexcept>
#include <utility>

#include "corpus/error.h"
#include "model/backend.h"
#include "model/torch/char_lstm.h"
#include "model/torch/dropout_masks.h"
#include "model/torch/optimiser.h"
#include "model/torch/transfer.h"
#include "model/torch/window.h"

namespace charrnn {
namespace {

// OpenMP keeps the number of threads for each calling thread, so the one that computes is told.
void use_threads(int count) {
  static const bool once = [] {
    at::set_num_interop_threads(1);
    return true;
  }();
  static_cast<void>(once);
  if (at::get_num_threads() != count) at::set_num_threads(count);
}

at::Tensor to_tensor(const std::vector<float>& values, at::IntArrayRef size, at::Device device) {
  at::Tensor tensor = at::empty(size, at::kFloat);
  if (static_cast<std::size_t>(tensor.numel()) != values.size()) {
    throw std::invalid_argument("a training state's sizes do not fit its network");
  }
  std::memcpy(tensor.mutable_data_ptr<float>(), values.data(), values.size() * sizeof(float));
  return tensor.to(device);
}

std::vector<float> to_vector(const at::Tensor& tensor) {
  const at::Tensor host = tensor.cpu().contiguous();
  const auto* const first = host.const_data_ptr<float>();
  return {first, first + host.numel()};
}

/// What a run on one device needs besides its tensors.
struct Engine {
  at::Device device;
  int threads;
  FirstLayer first_layer;
};

// Measured on two cores (H = 512): oneDNN's whole-window product is quicker up to about 300
// characters, and it synchronises its threads a hundred times less.
constexpr int kLargestOneHot = 256;

FirstLayer first_layer_on_cpu(const NetworkShape& shape) {
  return shape.vocabulary <= kLargestOneHot ? FirstLayer::kOneHot : FirstLayer::kGather;
}

void check_rows(const Batch& batch, std::int64_t rows) {
  if (batch.rows != rows) throw std::invalid_argument("a batch has another number of rows");
}

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
    if (!carried_.hidden.defined() || batch.starts_epoch) {
      carried_ = zero_state(shape_, batch.rows, engine_.device);
    }
    check_rows(batch, carried_.hidden.size(1));
  }

  void move_to_device(Window& window) const {
    window.inputs = window.inputs.to(engine_.device);
    window.targets = window.targets.to(engine_.device);
    for (Reset& reset : window.resets) reset.keep = reset.keep.to(engine_.device);
  }

  NetworkShape shape_;
  std::shared_ptr<const Weights> weights_;
  Engine engine_;
  at::Tensor flat_;  // made by the first call: torch is left to the compute thread
  NetworkParameters parameters_;
  CarriedState carried_;
};

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
    return std::make_unique<TorchScorer>(shape_, std::move(weights), engine_);
  }

 private:
  /// Forward and backward: fills gradient_, carries the state on.
  at::Tensor learn(const Window& window, const StepSettings& settings) {
    gradient_.zero_();
    const at::Tensor scores = forward(parameters_, window, carried_,
                                      masks(window.inputs.size(0), settings), engine_.first_layer);
    const at::Tensor loss = at::cross_entropy_loss(scores, window.targets);
    loss.backward();
    return loss.detach();
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

bool cuda_available() { return at::hasCUDA(); }

std::unique_ptr<Backend> make_torch_backend(const TrainState& state, const std::string& device,
                                            const BackendOptions& options) {
  if (device == "cpu") {
    const Engine engine{at::kCPU, options.kernel_threads, first_layer_on_cpu(state.network)};
    return std::make_unique<TorchBackend>(state, engine, make_host_transfer());
  }
  if (device != "cuda") {
    throw Error(ExitCode::kConfig, "no device '" + device + "': set runtime.device to cpu or cuda");
  }
  if (!cuda_available()) {
    throw Error(ExitCode::kConfig,
                "runtime.device = cuda, but libtorch sees no GPU here: use cpu or auto");
  }
  const Engine engine{at::kCUDA, options.kernel_threads, FirstLayer::kOneHot};
  return std::make_unique<TorchBackend>(state, engine, make_cuda_transfer(engine.device));
}

}  // namespace charrnn
