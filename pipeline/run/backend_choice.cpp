#include "pipeline/run/backend_choice.h"

#include <sched.h>

#include <algorithm>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"

namespace charrnn {

int available_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

namespace {

void refuse(Precision precision, const std::string& reason) {
  throw Error(ErrorKind::kConfig, "runtime.precision = " + std::string(word_of(precision)) + ' ' +
                                      reason + ". Say runtime.precision = fp32 or auto");
}

/// The precision of a backend and device that are chosen.
Precision choose_precision(Precision asked, const BackendChoice& choice, const Machine& machine) {
  const bool fused = choice.backend == BackendKind::kFused;
  switch (asked) {
    case Precision::kAuto:
      return fused && machine.bf16 ? Precision::kBf16 : Precision::kFp32;
    case Precision::kBf16:
      if (!fused) refuse(asked, "is for the fused kernels on a CPU, and something else was chosen");
      if (!machine.bf16) {
        refuse(asked, "needs a processor with AVX512-BF16, and this one does not have it");
      }
      break;
    case Precision::kTf32:
    case Precision::kAmp:
      if (choice.device != Device::kCuda) refuse(asked, "needs a GPU, and none can be used here");
      break;
    case Precision::kFp32:
      break;
  }
  return asked;
}

// A build without libtorch says so before anything is read.
void check_libtorch(const RuntimeOptions& options) {
  const bool asked = options.backend == BackendKind::kTorch || options.device == Device::kCuda;
  if (!asked || !libtorch_version().empty()) return;
  const bool gpu = options.device == Device::kCuda;
  throw Error(ErrorKind::kConfig,
              std::string(gpu ? "runtime.device = cuda" : "runtime.backend = torch") +
                  ", but this program was built without libtorch" +
                  (gpu ? ", which works on the GPU. Say runtime.device = cpu or auto"
                       : ". Say runtime.backend = fused or auto") +
                  ", or use a build with libtorch (CHARRNN_TORCH=ON)");
}

int compute_threads(const RuntimeOptions& options) {
  return options.kernel_threads > 0 ? options.kernel_threads : available_cores();
}

}  // namespace

int serving_threads(const Config& config) {
  const int budget = compute_threads(config.runtime);
  return config.serve.threads > 0 ? std::min(config.serve.threads, budget) : budget;
}

void require_weight_format(WeightFormat format, const Machine& machine) {
  if (format != WeightFormat::kBf16 || machine.bf16) return;
  throw Error(ErrorKind::kConfig,
              "serve.weights = bf16 needs a processor with AVX512-BF16, and this one does not have "
              "it. Say serve.weights = fp32 or int8");
}

void require_threads(const RuntimeOptions& options) {
  const int workers = options.threads > 0 ? options.threads : available_cores();
  std::promise<void> all_started;
  const std::shared_future<void> over = all_started.get_future().share();
  std::vector<std::jthread> threads;
  try {
    for (int i = workers + compute_threads(options); i > 0; --i) {
      threads.emplace_back([over] { over.wait(); });
    }
  } catch (...) {
    all_started.set_value();
    throw;
  }
  all_started.set_value();
}

BackendChoice choose_backend(const RuntimeOptions& options, const Machine& machine) {
  BackendChoice choice{.backend = options.backend,
                       .device = options.device,
                       .kernel_threads = compute_threads(options)};
  check_libtorch(options);
  if (choice.backend == BackendKind::kHash) choice.device = Device::kCpu;
  const bool gpu = choice.device != Device::kCpu && machine.gpu;
  if (choice.device == Device::kCuda && !gpu) {
    throw Error(ErrorKind::kConfig,
                "runtime.device = cuda, but no CUDA device can be used: this build has no CUDA, or "
                "there is no GPU or driver. Say runtime.device = cpu or auto");
  }
  if (choice.device == Device::kAuto) choice.device = gpu ? Device::kCuda : Device::kCpu;
  if (choice.backend == BackendKind::kFused && choice.device == Device::kCuda) {
    throw Error(ErrorKind::kConfig,
                "runtime.backend = fused works on the CPU only. Say "
                "runtime.backend = torch, or runtime.device = cpu");
  }
  if (choice.backend == BackendKind::kAuto) {
    choice.backend = choice.device == Device::kCuda ? BackendKind::kTorch : BackendKind::kFused;
  }
  choice.precision = choose_precision(options.precision, choice, machine);
  return choice;
}

namespace {

BackendOptions options_of(const BackendChoice& choice) {
  return {.kernel_threads = choice.kernel_threads, .precision = choice.precision};
}

}  // namespace

std::unique_ptr<Backend> make_backend(const BackendChoice& choice, const TrainState& state,
                                      std::shared_ptr<GradientReduction> reduction) {
  BackendOptions options = options_of(choice);
  options.reduction = std::move(reduction);
  if (choice.backend == BackendKind::kHash) return make_hash_backend(state);
  if (choice.backend == BackendKind::kTorch)
    return make_torch_backend(state, choice.device, options);
  return make_fused_backend(state, options);
}

std::unique_ptr<Scorer> make_scorer(const BackendChoice& choice, const NetworkShape& network,
                                    std::shared_ptr<const Weights> weights) {
  if (choice.backend == BackendKind::kHash) return make_hash_scorer();
  if (choice.backend == BackendKind::kTorch) {
    return make_torch_scorer(network, std::move(weights), choice.device, options_of(choice));
  }
  return make_fused_scorer(network, std::move(weights), options_of(choice));
}

}  // namespace charrnn
