#pragma once

#include <ATen/ATen.h>

#include "model/dropout.h"

namespace charrnn {

/// The mask of one layer and step, [T, B, H] float, as dropout_mask() defines it. Filled by at's
/// threads; the same for any number of them.
at::Tensor host_dropout_mask(const DropoutKey& key, at::IntArrayRef size);

/// The same mask, computed by tensor operations where `device` is, so that no mask crosses the bus.
at::Tensor device_dropout_mask(const DropoutKey& key, at::IntArrayRef size, at::Device device);

}  // namespace charrnn
