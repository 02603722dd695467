#include "corpus/histogram.h"

#include <new>

namespace charrnn {

// calloc leaves the pages of a large array untouched; they read as zeros without taking memory.
Histogram::Histogram() : counts_(static_cast<std::uint64_t*>(std::calloc(kSize, 8))) {
  if (!counts_) throw std::bad_alloc();
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < kSize; ++i) {
    if (other.counts_[i] != 0) counts_[i] += other.counts_[i];
  }
}

std::vector<std::pair<char32_t, std::uint64_t>> Histogram::characters() const {
  std::vector<std::pair<char32_t, std::uint64_t>> present;
  for (std::size_t i = 0; i < kSize; ++i) {
    if (counts_[i] != 0) present.emplace_back(static_cast<char32_t>(i), counts_[i]);
  }
  return present;
}

}  // namespace charrnn
