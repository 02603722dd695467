#include "corpus/histogram.h"

namespace charrnn {

void Histogram::add(const Histogram& other) {
  other.ascii_.add_to(counts());
  for (std::size_t number = 0; number < planes_.size(); ++number) {
    if (!other.planes_[number]) continue;
    std::uint64_t* const sums = plane(number);
    for (std::size_t i = 0; i < kPlane; ++i) sums[i] += other.planes_[number][i];
  }
}

std::vector<std::pair<char32_t, std::uint64_t>> Histogram::characters() const {
  std::vector<std::pair<char32_t, std::uint64_t>> present;
  std::array<std::uint64_t, 128> ascii{};
  ascii_.add_to(ascii.data());
  for (std::size_t number = 0; number < planes_.size(); ++number) {
    if (!planes_[number]) continue;
    for (std::size_t i = 0; i < kPlane; ++i) {
      const std::uint64_t apart = number == 0 && i < ascii.size() ? ascii[i] : 0;
      const std::uint64_t count = planes_[number][i] + apart;
      if (count > 0) present.emplace_back(static_cast<char32_t>(number << 16 | i), count);
    }
  }
  return present;
}

}  // namespace charrnn
