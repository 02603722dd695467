#include "corpus/error.h"
#include "model/torch/transfer.h"

namespace charrnn {

std::unique_ptr<Transfer> make_cuda_transfer(at::Device) {
  throw Error(
      ExitCode::kConfig,
      "this build has no CUDA: configure it with CHARRNN_CUDA=ON, or set runtime.device=cpu");
}

}  // namespace charrnn
