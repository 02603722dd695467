// What stands in for this folder in a build without libtorch.
#include "base/error.h"
#include "model/backend.h"

namespace charrnn {
namespace {

[[noreturn]] void refuse() {
  throw Error(ErrorKind::kConfig,
              "this program was built without libtorch: say runtime.backend = fused or auto");
}

}  // namespace

std::unique_ptr<Backend> make_torch_backend(const TrainState&, Device, const BackendOptions&) {
  refuse();
}

std::unique_ptr<Scorer> make_torch_scorer(const NetworkShape&, std::shared_ptr<const Weights>,
                                          Device, const BackendOptions&) {
  refuse();
}

std::string libtorch_version() { return {}; }

bool cuda_available() { return false; }

}  // namespace charrnn
