#include "model/torch/engine.h"

#include <ATen/Parallel.h>

#include <cstring>
#include <stdexcept>

namespace charrnn {
namespace {

// Measured on two cores (H = 512): oneDNN's whole-window product is quicker up to about 300
// characters, and it synchronises its threads a hundred times less.
constexpr int kLargestOneHot = 256;

}  // namespace

Engine choose_engine(const NetworkShape& shape, at::Device device, const BackendOptions& options) {
  const bool gathers = device.is_cpu() && shape.vocabulary > kLargestOneHot;
  return {device,
          options.kernel_threads,
          gathers ? FirstLayer::kGather : FirstLayer::kOneHot,
          /*device_masks=*/!device.is_cpu(),
          options.precision,
          options.reduction};
}

// OpenMP keeps the number of threads for each calling thread, so the one that computes is told.
void use_threads(int count) {
  static const bool kOnce = [] {
    at::set_num_interop_threads(1);
    return true;
  }();
  static_cast<void>(kOnce);
  if (at::get_num_threads() != count) at::set_num_threads(count);
}

at::Tensor to_tensor(const std::vector<float>& values, at::IntArrayRef size, at::Device device) {
  at::Tensor tensor = at::empty(size, at::kFloat);
  if (static_cast<std::size_t>(tensor.numel()) != values.size()) {
    throw std::invalid_argument("a training state's sizes do not fit its network");
  }
  std::memcpy(tensor.mutable_data_ptr<float>(), values.data(), values.size() * sizeof(float));
  return tensor.to(device);
}

std::vector<float> to_vector(const at::Tensor& tensor) {
  const at::Tensor host = tensor.cpu().contiguous();
  const auto* const first = host.const_data_ptr<float>();
  return {first, first + host.numel()};
}

}  // namespace charrnn
