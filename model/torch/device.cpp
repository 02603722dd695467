#include <ATen/Context.h>

#include "base/error.h"
#include "model/torch/precision.h"
#include "model/torch/torch_backend.h"

namespace charrnn {

bool cuda_available() { return at::hasCUDA(); }

std::unique_ptr<Backend> make_torch_backend(const TrainState& state, const std::string& device,
                                            const BackendOptions& options) {
  if (device == "cpu") {
    if (options.precision != Precision::kFp32) {
      throw Error(ExitCode::kConfig, "the CPU computes in fp32: set runtime.precision to fp32");
    }
    const Engine engine = choose_engine(state.network, at::kCPU, options);
    return make_torch_backend(state, engine, make_host_streams());
  }
  if (device != "cuda") {
    throw Error(ExitCode::kConfig, "no device '" + device + "': set runtime.device to cpu or cuda");
  }
  if (!cuda_available()) {
    throw Error(ExitCode::kConfig,
                "runtime.device = cuda, but libtorch sees no GPU here: use cpu or auto");
  }
  set_product_precision(options.precision);
  const Engine engine = choose_engine(state.network, at::Device(at::kCUDA, 0), options);
  return make_torch_backend(state, engine, make_cuda_streams(engine.device));
}

}  // namespace charrnn
