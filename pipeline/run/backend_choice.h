#pragma once

#include <memory>

#include "model/backend.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// What `runtime.backend` and `runtime.device` come to on this machine.
struct BackendChoice {
  BackendKind backend = BackendKind::kFused;  ///< never kAuto
  Device device = Device::kCpu;               ///< never kAuto
  int kernel_threads = 1;
  Precision precision = Precision::kFp32;  ///< never kAuto
};

/// What a machine has of what `runtime` can ask for.
struct Machine {
  bool gpu = cuda_available();
  bool bf16 = bf16_available();
};

/// Resolves `auto`: CUDA with libtorch where there is a GPU, else the fused CPU kernels, which
/// multiply bf16 where the processor can. Throws Error(kConfig) when a GPU or a precision was asked
/// for that the machine does not have, and when libtorch was asked for and this build has none.
BackendChoice choose_backend(const RuntimeOptions& options, const Machine& machine = {});

/// Makes the backend; to be called on the compute thread. `reduction`: see BackendOptions.
std::unique_ptr<Backend> make_backend(const BackendChoice& choice, const TrainState& state,
                                      std::shared_ptr<GradientReduction> reduction = nullptr);

/// Makes a scorer of the same kind: the weights are all that it needs. To be used on one thread.
std::unique_ptr<Scorer> make_scorer(const BackendChoice& choice, const NetworkShape& network,
                                    std::shared_ptr<const Weights> weights);

/// The threads that make texts while nothing is trained: `serve.threads` within the budget that
/// training has, `runtime.kernel_threads`.
int serving_threads(const Config& config);

/// Throws Error(kConfig) when `serve.weights` is a format that this machine cannot compute with.
void require_weight_format(WeightFormat format, const Machine& machine = {});

/// Throws std::system_error when this process may not start the threads that a command takes: asked
/// for one by one, libraries that cannot have theirs would end it without a word.
void require_threads(const RuntimeOptions& options);

/// The number of cores this process may use, at least 1.
int available_cores();

}  // namespace charrnn
