#include <torch/version.h>

#include "model/backend.h"

namespace charrnn {

std::string libtorch_version() { return TORCH_VERSION; }

}  // namespace charrnn
