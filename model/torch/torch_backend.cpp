#include "model/torch/torch_backend.h"

#include <stdexcept>
#include <utility>

#include "model/torch/network_training.h"
#include "model/torch/repeated_step.h"
#include "model/torch/torch_scorer.h"
#include "model/torch/transfer.h"

namespace charrnn {
namespace {

using Stream = Streams::Stream;

class TorchBackend final : public Backend {
 public:
  TorchBackend(const TrainState& state, const Engine& engine, std::unique_ptr<Streams> streams)
      : engine_(engine),
        shape_(state.network),
        rows_(state.rows),
        steps_(state.steps),
        streams_(std::move(streams)),
        transfer_(streams_->beside_host() ? make_staged_transfer(*streams_)
                                          : make_host_transfer()) {
    use_threads(engine_.threads);
    // The compute stream makes its tensors, so that their memory is its own.
    streams_->run(Stream::kCompute, [this, &state] {
      use_threads(engine_.threads);
      training_ = std::make_unique<NetworkTraining>(state, engine_);
    });
    finish(Stream::kCompute);
    repeated_ = std::make_unique<RepeatedStep>(*streams_, *training_);
  }

  ~TorchBackend() override {
    try {
      finish(Stream::kCopy);
      finish(Stream::kCompute);
    } catch (...) {  // told by the step that failed
    }
  }

  int depth() const override { return streams_->beside_host() ? 2 : 1; }

  std::shared_ptr<const DeviceBatch> transfer(Batch batch) override {
    return transfer_->start(std::move(batch));
  }

  BegunStep begin(std::shared_ptr<const DeviceBatch> batch, const StepSettings& settings) override {
    if (batch->host().rows != rows_) {
      throw std::invalid_argument("a batch has another number of rows");
    }
    use_threads(engine_.threads);
    const at::Tensor results = streams_->host_memory({2}, at::kFloat);
    const bool replays = repeated_->repeats(batch->host(), settings);
    transfer_->arrive(*batch);
    streams_->run(Stream::kCompute, [=, this] { start(*batch, settings, replays); });
    transfer_->leave(*batch);
    if (replays) repeated_->replay(settings);
    streams_->run(Stream::kCompute,
                  [=, this] { results.copy_(training_->results(), /*non_blocking=*/true); });
    steps_ = settings.step;
    return [results, mark = streams_->mark(Stream::kCompute), this] {
      streams_->wait(mark);
      const auto* const values = results.const_data_ptr<float>();
      return StepResult{values[0], values[1]};
    };
  }

  Weights gradients() const override {
    finish(Stream::kCompute);
    return to_vector(training_->gradient());
  }

  std::shared_ptr<const Weights> weights() const override {
    finish(Stream::kCompute);
    return std::make_shared<const Weights>(to_vector(training_->model_weights()));
  }

  TrainState state() const override {
    finish(Stream::kCompute);
    TrainState state = training_->state();
    state.steps = steps_;
    return state;
  }

  std::unique_ptr<Scorer> scorer(std::shared_ptr<const Weights> weights) const override {
    return make_torch_scorer(shape_, std::move(weights), engine_);
  }

 private:
  /// On the compute stream: all of the step, or what comes before its replay.
  void start(const DeviceBatch& batch, const StepSettings& settings, bool replays) {
    use_threads(engine_.threads);
    if (batch.host().starts_epoch) training_->start_epoch();
    training_->prepare(settings);
    const Window window = transfer_->read(batch);
    if (replays) {
      repeated_->load(window);
    } else {
      training_->step(window, settings);
    }
  }

  /// Waits for all that a stream was given.
  void finish(Stream stream) const { streams_->wait(streams_->mark(stream)); }

  Engine engine_;
  NetworkShape shape_;
  int rows_;
  std::uint64_t steps_;
  std::unique_ptr<Streams> streams_;
  std::unique_ptr<Transfer> transfer_;
  std::unique_ptr<NetworkTraining> training_;
  std::unique_ptr<RepeatedStep> repeated_;
};

}  // namespace

std::unique_ptr<Backend> make_torch_backend(const TrainState& state, const Engine& engine,
                                            std::unique_ptr<Streams> streams) {
  return std::make_unique<TorchBackend>(state, engine, std::move(streams));
}

}  // namespace charrnn
