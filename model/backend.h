#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "model/batch.h"
#include "model/device.h"
#include "model/gradient_reduction.h"
#include "model/network.h"

namespace charrnn {

/// What one optimiser step is told besides its batch.
struct StepSettings {
  std::uint64_t step = 1;  ///< number of this step from 1; the optimiser and the masks use it
  std::uint64_t seed = 0;  ///< of the dropout masks
  float dropout = 0.0F;  ///< probability that an activation is zeroed, between layers and before fc
  float learning_rate = 1e-3F;
  float clip = 5.0F;  ///< the gradient's norm is clipped to this, as clip_grad_norm_ does; 0: never
};

/// What one optimiser step tells.
struct StepResult {
  double loss = 0.0;           ///< mean cross-entropy of the batch before the update, nats
  double gradient_norm = 0.0;  ///< of all gradients before clipping
};

/// A step that was begun. Waits for its end, throws what the device failed with, and returns the
/// result. To be called once, in the order of the steps, on the compute thread.
using BegunStep = std::function<StepResult()>;

/// A batch where its backend wants it (the device's memory, or just the host's).
class DeviceBatch {
 public:
  explicit DeviceBatch(Batch batch) : batch_(std::move(batch)) {}
  virtual ~DeviceBatch() = default;

  /// The batch on the host: numbers and symbols.
  const Batch& host() const { return batch_; }

 private:
  Batch batch_;
};

/// Scores text with fixed weights; no dropout, no gradients. Used by one thread at a time.
class Scorer {
 public:
  virtual ~Scorer() = default;

  /// Mean cross-entropy of a batch in nats. The state is carried from call to call, starts at zero
  /// and is zeroed again by a batch with `starts_epoch`. `batch.rows` must not change between
  /// calls.
  virtual double score(const Batch& batch) = 0;
};

/// One network in training: its weights, optimiser and carried state. Owned by the train step, the
/// only writer of weights. All members but transfer() belong to one thread, the compute thread.
class Backend {
 public:
  virtual ~Backend() = default;

  /// Brings a batch to the device. May run on another thread while a step runs.
  virtual std::shared_ptr<const DeviceBatch> transfer(Batch batch) = 0;

  /// How many steps are worth having begun at a time. 1: begin() does the whole step before it
  /// returns. 2: the device computes beside the host, and begins the next step without waiting for
  /// the host to read this one's result.
  virtual int depth() const = 0;

  /// Begins a step: forward, backward, clip and optimiser on one batch; carries and detaches the
  /// state.
  virtual BegunStep begin(std::shared_ptr<const DeviceBatch> batch,
                          const StepSettings& settings) = 0;

  /// The last step's gradients before clipping (tests and comparisons only).
  virtual Weights gradients() const = 0;

  /// A copy of the weights that are validated and served: model_weights() of state().
  virtual std::shared_ptr<const Weights> weights() const = 0;

  /// A copy of everything that the next step depends on.
  virtual TrainState state() const = 0;

  /// Scores with given weights on this backend's forward path.
  virtual std::unique_ptr<Scorer> scorer(std::shared_ptr<const Weights> weights) const = 0;
};

/// How a backend is made.
struct BackendOptions {
  int kernel_threads = 1;                  ///< threads that compute
  Precision precision = Precision::kFp32;  ///< never kAuto
  std::shared_ptr<GradientReduction> reduction =
      nullptr;  ///< of several machines; null: there is only one
};

/// The reference: libtorch with autograd on the CPU or on a CUDA device (`kAuto` is neither).
/// Throws Error(kConfig) when there is no such device, or it has no such precision.
std::unique_ptr<Backend> make_torch_backend(const TrainState& state, Device device,
                                            const BackendOptions& options);

/// True when this processor has the instructions that kBf16 needs.
bool bf16_available();

/// The CPU kernels without autograd, in kFp32 or kBf16. Throws Error(kConfig) when this machine
/// does not have that precision.
std::unique_ptr<Backend> make_fused_backend(const TrainState& state, const BackendOptions& options);

/// Trains nothing: digests its batches, for runs that only move data.
std::unique_ptr<Backend> make_hash_backend(const TrainState& state);

/// Scores with given weights, without a state to train: the forward paths of the backends above.
/// Throws as the backend does.
std::unique_ptr<Scorer> make_torch_scorer(const NetworkShape& network,
                                          std::shared_ptr<const Weights> weights, Device device,
                                          const BackendOptions& options);
std::unique_ptr<Scorer> make_fused_scorer(const NetworkShape& network,
                                          std::shared_ptr<const Weights> weights,
                                          const BackendOptions& options);

/// The hash backend's: every loss is 0.
std::unique_ptr<Scorer> make_hash_scorer();

/// The version of the libtorch that this program is linked with; empty when it was built without
/// (CHARRNN_TORCH=OFF). Then the two functions for libtorch above throw Error(kConfig).
std::string libtorch_version();

/// True when libtorch was built with CUDA and sees a GPU.
bool cuda_available();

}  // namespace charrnn
