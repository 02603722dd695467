#include "model/torch/precision.h"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>

namespace charrnn {

void set_product_precision(Precision precision) {
  at::globalContext().setAllowTF32CuBLAS(precision != Precision::kFp32);
  at::globalContext().setAllowTF32CuDNN(precision != Precision::kFp32);
}

// Each weight is used once a step, so there is nothing to gain from autocast's cache of cast
// weights, and a recorded step must not depend on it.
MixedPrecision::MixedPrecision(Precision precision, at::Device device)
    : on_(precision == Precision::kAmp), type_(device.type()) {
  if (!on_) return;
  at::autocast::set_autocast_cache_enabled(false);
  at::autocast::set_autocast_dtype(type_, at::kBFloat16);
  at::autocast::set_autocast_enabled(type_, true);
}

MixedPrecision::~MixedPrecision() {
  if (on_) at::autocast::set_autocast_enabled(type_, false);
}

}  // namespace charrnn
