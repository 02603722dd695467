#pragma once

#include <cstdint>
#include <vector>

#include "model/dropout.h"
#include "model/fused/kernels.h"

namespace charrnn {

/// The number below which a half-word drops its element: q * 65536.
std::uint32_t mask_threshold(float probability);

/// The factor of what is kept, 1 / (1 - q).
float mask_factor(float probability);

/// Draws the bits of `count` elements from `first` on into `bits` (mask_bytes(count) of them) and
/// returns them as the kernels read them.
MaskBits draw_mask(const Kernels& kernels, const DropoutKey& key, std::uint64_t first,
                   std::uint64_t count, std::uint8_t* bits);

/// Bytes that draw_mask() needs for `count` elements; the kernels read a few beyond the last bit.
constexpr std::size_t mask_bytes(std::uint64_t count) { return count / 8 + 10; }

}  // namespace charrnn
