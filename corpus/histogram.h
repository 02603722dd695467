#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

namespace charrnn {

/// How often each code point occurs. Takes memory for the pages of 512 code points that occur.
class Histogram {
 public:
  static constexpr std::size_t kSize = 0x110000;

  /// Throws std::bad_alloc.
  Histogram();

  void add(char32_t character) { ++counts_[character]; }
  void add(const Histogram& other);

  /// One count for each of kSize code points.
  std::uint64_t* counts() { return counts_.get(); }

  /// The characters that occur, ascending, with their counts.
  std::vector<std::pair<char32_t, std::uint64_t>> characters() const;

 private:
  struct Free {
    void operator()(std::uint64_t* counts) const { std::free(counts); }
  };

  std::unique_ptr<std::uint64_t[], Free> counts_;
};

}  // namespace charrnn
