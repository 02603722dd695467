#include "model/dropout.h"

#include <algorithm>
#include <cmath>

#include "base/counter_rng.h"
#include "model/fused/kernel_choice.h"
#include "model/fused/mask_source.h"

namespace charrnn {
namespace {

constexpr std::uint64_t kHalfWords = 8;  // elements of one Philox block
constexpr double kHalfWordRange = 65536.0;

}  // namespace

std::uint32_t mask_threshold(float probability) {
  return static_cast<std::uint32_t>(std::lround(double{probability} * kHalfWordRange));
}

float mask_factor(float probability) {
  return static_cast<float>(kHalfWordRange / (kHalfWordRange - mask_threshold(probability)));
}

MaskBits draw_mask(const Kernels& kernels, const DropoutKey& key, std::uint64_t first,
                   std::uint64_t count, std::uint8_t* bits) {
  const std::uint64_t offset = first % kHalfWords;
  kernels.mask_bits({.seed = key.seed,
                     .counter_high = counter_high(RandomUse::kDropout, key.step,
                                                  static_cast<std::uint64_t>(key.layer)),
                     .threshold = mask_threshold(key.probability),
                     .first_block = first / kHalfWords,
                     .blocks = (offset + count + kHalfWords - 1) / kHalfWords,
                     .bits = bits});
  return {.bits = bits, .offset = offset, .factor = mask_factor(key.probability)};
}

void dropout_mask(const DropoutKey& key, std::uint64_t first, std::uint64_t count, float* out) {
  constexpr std::uint64_t kAtOnce = 4096;
  std::uint8_t bits[mask_bytes(kAtOnce)];
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t take = std::min(kAtOnce, count - done);
    const MaskBits mask = draw_mask(fastest_kernels(), key, first + done, take, bits);
    for (std::uint64_t i = 0; i < take; ++i) {
      const std::uint64_t bit = mask.offset + i;
      out[done + i] = (bits[bit / 8] >> (bit % 8) & 1) != 0 ? mask.factor : 0.0F;
    }
    done += take;
  }
}

}  // namespace charrnn
