#pragma once

#include <ATen/ATen.h>

#include <array>

#include "model/dropout.h"

namespace charrnn {

/// The mask of one layer and step, [T, B, H] float, as dropout_mask() defines it. Filled by at's
/// threads; the same for any number of them.
at::Tensor host_dropout_mask(const DropoutKey& key, at::IntArrayRef size);

/// The same mask, computed by tensor operations where `device` is, so that no mask crosses the bus.
/// What depends on the step comes as a tensor: `words` is mask_words() there, [2] int64. Of the key
/// it reads seed and probability.
at::Tensor device_dropout_mask(const DropoutKey& key, const at::Tensor& words,
                               at::IntArrayRef size);

/// The part of the masks' counters that tells step and layer, as two 32-bit words.
std::array<std::int64_t, 2> mask_words(const DropoutKey& key);

}  // namespace charrnn
