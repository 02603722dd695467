#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace charrnn {

/// How often each ASCII character occurs, counted by pairs: half the increments, and the sums over
/// the pairs are taken once, not for each piece of text. For one thread.
class AsciiCounts {
 public:
  /// Counts bytes that are all ASCII, at most 2^31 of them.
  void add(const char* bytes, std::size_t size);

  /// Adds what was counted to `counts[128]`.
  void add_to(std::uint64_t* counts) const;

 private:
  void fold_pairs();

  std::vector<std::uint32_t> pairs_;  // by the first byte and the second one times 256
  std::uint64_t held_ = 0;            // in pairs_
  std::array<std::uint64_t, 128> counts_{};
};

}  // namespace charrnn
