#pragma once

#include <cstdint>

namespace charrnn {

/// Which mask of a training run: one for each layer's output of each step. Layer 0 is the lowest;
/// the mask of the last layer stands before fc.
struct DropoutKey {
  std::uint64_t seed = 0;
  std::uint64_t step = 1;
  int layer = 0;
  float probability = 0.0F;
};

/// Writes `count` factors of a mask from element `first` on: 0 where the activation is dropped,
/// else 1 / (1 - q), with q the probability rounded to 1/65536, so that the expectation is exactly
/// the unmasked value. Element (t, row, unit) of [T, B, H] has the number (t * B + row) * H + unit.
/// Element i takes half-word i % 8 (low half first) of philox(seed, i / 8, (kDropout, step, layer))
/// and is dropped when it is < q * 65536. The same for any thread, backend and instruction set.
void dropout_mask(const DropoutKey& key, std::uint64_t first, std::uint64_t count, float* out);

}  // namespace charrnn
