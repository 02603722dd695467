#pragma once

#include <ATen/ATen.h>

#include "model/backend.h"

namespace charrnn {

/// Tells libtorch, for the whole process, whether a GPU may round the factors of fp32 products
/// (TF32). cuDNN would by default.
void set_product_precision(Precision precision);

/// Automatic mixed precision on the calling thread until the end of the scope, where the precision
/// is kAmp: products in bfloat16, weights and what they lead to stay as they are.
class MixedPrecision {
 public:
  MixedPrecision(Precision precision, at::Device device);
  ~MixedPrecision();
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;

 private:
  bool on_;
  at::DeviceType type_;
};

}  // namespace charrnn
