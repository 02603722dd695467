#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "corpus/ascii_counts.h"

namespace charrnn {

/// How often each code point occurs. A plane of 65,536 code points takes memory when one of them
/// occurs, the first always.
class Histogram {
 public:
  static constexpr std::size_t kPlane = 65536;

  Histogram() { plane(0); }

  void add(char32_t character) { ++plane(character >> 16)[character & 0xFFFF]; }
  void add(const Histogram& other);

  /// Counts bytes that are all ASCII, faster than one by one.
  void add_ascii(const char* bytes, std::size_t size) { ascii_.add(bytes, size); }

  /// One count for each of the first kPlane code points, of which add_ascii() keeps its own apart:
  /// the sum counts, modulo 2^64.
  std::uint64_t* counts() { return planes_[0].get(); }

  /// The characters that occur, ascending, with their counts.
  std::vector<std::pair<char32_t, std::uint64_t>> characters() const;

 private:
  std::uint64_t* plane(std::size_t number) {
    if (!planes_[number]) planes_[number] = std::make_unique<std::uint64_t[]>(kPlane);
    return planes_[number].get();
  }

  std::array<std::unique_ptr<std::uint64_t[]>, 17> planes_;
  AsciiCounts ascii_;
};

}  // namespace charrnn
