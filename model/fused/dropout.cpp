#include "model/dropout.h"

#include <algorithm>
#include <cmath>

#include "model/counter_rng.h"

namespace charrnn {
namespace {

constexpr std::uint64_t kElements = 8;  // half-words of one Philox block

/// The eight factors of one counter.
struct Block {
  float factors[kElements];
};

Block mask_block(std::uint64_t seed, std::uint64_t counter, std::uint64_t high,
                 std::uint32_t threshold, float kept) {
  const auto words = philox(seed, counter, high);
  Block block;
  for (std::uint64_t i = 0; i < kElements; ++i) {
    const std::uint32_t half = (words[i / 2] >> (16 * (i % 2))) & 0xFFFF;
    block.factors[i] = half < threshold ? 0.0F : kept;
  }
  return block;
}

}  // namespace

void dropout_mask(const DropoutKey& key, std::uint64_t first, std::uint64_t count, float* out) {
  const auto threshold = static_cast<std::uint32_t>(std::lround(double{key.probability} * 65536.0));
  const auto kept = static_cast<float>(65536.0 / (65536.0 - threshold));
  const std::uint64_t high =
      counter_high(RandomUse::kDropout, key.step, static_cast<std::uint64_t>(key.layer));
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t element = first + done;
    const std::uint64_t skip = element % kElements;
    const std::uint64_t take = std::min(kElements - skip, count - done);
    const Block block = mask_block(key.seed, element / kElements, high, threshold, kept);
    std::copy_n(block.factors + skip, take, out + done);
    done += take;
  }
}

}  // namespace charrnn
