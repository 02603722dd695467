#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace charrnn {

/// How often each code point occurs. A plane of 65,536 code points takes memory when it is used.
class Histogram {
 public:
  Histogram() { plane(0); }

  void add(char32_t character, std::uint64_t times = 1) {
    Plane* plane = planes_[character >> 16].get();
    if (plane == nullptr) plane = &this->plane(character >> 16);
    (*plane)[character & 0xFFFF] += times;
  }

  /// The counts of the first 65,536 code points.
  std::uint64_t* basic_plane() { return planes_[0]->data(); }

  void add(const Histogram& other);

  /// The characters that occur, ascending, with their counts.
  std::vector<std::pair<char32_t, std::uint64_t>> characters() const;

 private:
  using Plane = std::array<std::uint64_t, 65536>;

  Plane& plane(std::size_t number) {
    if (!planes_[number]) planes_[number] = std::make_unique<Plane>();
    return *planes_[number];
  }

  std::array<std::unique_ptr<Plane>, 17> planes_;
};

}  // namespace charrnn
