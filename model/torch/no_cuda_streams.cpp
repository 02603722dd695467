#include "base/error.h"
#include "model/torch/streams.h"

namespace charrnn {

std::unique_ptr<Streams> make_cuda_streams(at::Device) {
  throw Error(
      ErrorKind::kConfig,
      "this build has no CUDA: configure it with CHARRNN_CUDA=ON, or set runtime.device=cpu");
}

}  // namespace charrnn
