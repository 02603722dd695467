#include "base/permutation.h"

#include <algorithm>
#include <bit>

#include "base/counter_rng.h"

namespace charrnn {
namespace {

// Four are proven to be enough for random functions; small halves get some more.
constexpr std::uint64_t kFeistelRounds = 8;

}  // namespace

Permutation::Permutation(std::uint64_t size, std::uint64_t seed, std::uint64_t round)
    : size_(size),
      seed_(seed),
      round_(round),
      half_bits_((static_cast<int>(std::bit_width(std::max<std::uint64_t>(size, 2) - 1)) + 1) / 2) {
}

/// A bijection of the numbers of 2 * half_bits_ bits.
std::uint64_t Permutation::scramble(std::uint64_t value) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  std::uint64_t left = value >> half_bits_;
  std::uint64_t right = value & mask;
  for (std::uint64_t i = 0; i < kFeistelRounds; ++i) {
    const auto drawn = philox(seed_, right, counter_high(RandomUse::kShuffle, round_, i));
    const std::uint64_t next = left ^ (drawn[0] & mask);
    left = right;
    right = next;
  }
  return left << half_bits_ | right;
}

std::uint64_t Permutation::operator()(std::uint64_t index) const {
  std::uint64_t value = scramble(index);
  while (value >= size_) value = scramble(value);
  return value;
}

}  // namespace charrnn
