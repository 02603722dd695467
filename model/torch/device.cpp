#include <ATen/Context.h>

#include <utility>

#include "base/error.h"
#include "model/torch/precision.h"
#include "model/torch/torch_backend.h"
#include "model/torch/torch_scorer.h"

namespace charrnn {

bool cuda_available() { return at::hasCUDA(); }

namespace {

// How this device works a network; sets what holds for all products on a GPU.
Engine engine_on(Device device, const NetworkShape& network, const BackendOptions& options) {
  if (device == Device::kCpu) {
    if (options.precision != Precision::kFp32) {
      throw Error(ErrorKind::kConfig, "the CPU computes in fp32: set runtime.precision to fp32");
    }
    return choose_engine(network, at::kCPU, options);
  }
  if (device != Device::kCuda || !cuda_available()) {
    throw Error(ErrorKind::kConfig,
                "runtime.device = cuda, but libtorch sees no GPU here: use cpu or auto");
  }
  set_product_precision(options.precision);
  return choose_engine(network, at::Device(at::kCUDA, 0), options);
}

}  // namespace

std::unique_ptr<Backend> make_torch_backend(const TrainState& state, Device device,
                                            const BackendOptions& options) {
  const Engine engine = engine_on(device, state.network, options);
  return make_torch_backend(
      state, engine,
      engine.device.is_cpu() ? make_host_streams() : make_cuda_streams(engine.device));
}

std::unique_ptr<Scorer> make_torch_scorer(const NetworkShape& network,
                                          std::shared_ptr<const Weights> weights, Device device,
                                          const BackendOptions& options) {
  return make_torch_scorer(network, std::move(weights), engine_on(device, network, options));
}

}  // namespace charrnn
