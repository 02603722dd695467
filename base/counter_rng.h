#pragma once

#include <array>
#include <cstdint>

namespace charrnn {

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11): a bijection
/// of a 128-bit counter under a 64-bit key. Random access, no state: the same numbers whatever the
/// thread or order.
constexpr std::array<std::uint32_t, 4> philox(std::uint64_t key, std::uint64_t counter_low,
                                              std::uint64_t counter_high) {
  std::array<std::uint32_t, 4> c{
      static_cast<std::uint32_t>(counter_low), static_cast<std::uint32_t>(counter_low >> 32),
      static_cast<std::uint32_t>(counter_high), static_cast<std::uint32_t>(counter_high >> 32)};
  auto k0 = static_cast<std::uint32_t>(key);
  auto k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(p0)};
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return c;
}

/// What a random number is for. Part of the counter, so that no two uses ever share one.
enum class RandomUse : std::uint32_t {
  kInitialWeights = 1,
  kDropout = 2,
  kSampling = 3,
  kShuffle = 4,
};

/// The high half of a counter: use (8 bits) | a (40 bits: a step) | b (16 bits: a layer).
constexpr std::uint64_t counter_high(RandomUse use, std::uint64_t a = 0, std::uint64_t b = 0) {
  return (static_cast<std::uint64_t>(use) << 56) | ((a & 0xFFFFFFFFFFULL) << 16) | (b & 0xFFFF);
}

/// A uniform number in [0, 1) with 53 bits.
constexpr double uniform53(std::uint64_t key, std::uint64_t low, std::uint64_t high) {
  const auto r = philox(key, low, high);
  const std::uint64_t bits = (static_cast<std::uint64_t>(r[0]) << 32) | r[1];
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

}  // namespace charrnn
