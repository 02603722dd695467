#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "model/backend.h"
#include "model/torch/char_rnn.h"

namespace charrnn {

/// Where and how tensors are worked.
struct Engine {
  at::Device device = at::kCPU;
  int threads = 1;  ///< of a CPU
  FirstLayer first_layer = FirstLayer::kOneHot;
  bool device_masks = false;  ///< dropout masks are made by tensor operations, not by the host
  Precision precision = Precision::kFp32;
  std::shared_ptr<GradientReduction> reduction = nullptr;  ///< see BackendOptions
};

/// The quickest way to work a network of this shape on this device.
Engine choose_engine(const NetworkShape& shape, at::Device device, const BackendOptions& options);

/// Makes torch compute with this number of threads when it is called by the calling thread.
void use_threads(int count);

/// A copy of `values` on a device. Throws std::invalid_argument when they do not fill `size`.
at::Tensor to_tensor(const std::vector<float>& values, at::IntArrayRef size, at::Device device);

/// A copy of all elements on the host.
std::vector<float> to_vector(const at::Tensor& tensor);

}  // namespace charrnn
