#pragma once

#include <cstdint>

namespace charrnn {

/// A pseudo-random order of the numbers 0 .. size - 1, one for each (seed, round): element number
/// `index` is found in constant time and nothing is kept. A Feistel network over Philox, walked
/// along its cycle until it is inside (Black and Rogaway, "Ciphers with arbitrary finite domains",
/// CT-RSA 2002).
class Permutation {
 public:
  /// `round`: for example an epoch; below 2^40.
  Permutation(std::uint64_t size, std::uint64_t seed, std::uint64_t round);

  /// The number at place `index` (< size). Each number stands at exactly one place.
  std::uint64_t operator()(std::uint64_t index) const;

 private:
  std::uint64_t scramble(std::uint64_t value) const;

  std::uint64_t size_;
  std::uint64_t seed_;
  std::uint64_t round_;
  int half_bits_;
};

}  // namespace charrnn
