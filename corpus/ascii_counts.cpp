#include "corpus/ascii_counts.h"

#include <algorithm>
#include <cstring>

namespace charrnn {
namespace {

// Two bytes of ASCII as one number are below it.
constexpr std::size_t kPairs = 0x8000;

// A counter of 32 bits holds all pairs of one kind up to here.
constexpr std::uint64_t kMostHeld = std::uint64_t{1} << 31;

void add_pairs(const std::vector<std::uint32_t>& pairs, std::uint64_t* counts) {
  for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
    counts[pair & 0x7F] += pairs[pair];
    counts[pair >> 8] += pairs[pair];
  }
}

}  // namespace

void AsciiCounts::add(const char* bytes, std::size_t size) {
  pairs_.resize(kPairs);
  if (held_ + size > kMostHeld) fold_pairs();
  held_ += size;
  std::uint32_t* const pairs = pairs_.data();
  const std::size_t whole = size & ~std::size_t{7};
  for (std::size_t i = 0; i < whole; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes + i, 8);
    for (int shift = 0; shift < 64; shift += 16) ++pairs[word >> shift & (kPairs - 1)];
  }
  for (std::size_t i = whole; i < size; ++i) ++counts_[static_cast<unsigned char>(bytes[i])];
}

void AsciiCounts::fold_pairs() {
  add_pairs(pairs_, counts_.data());
  std::fill(pairs_.begin(), pairs_.end(), 0);
  held_ = 0;
}

void AsciiCounts::add_to(std::uint64_t* counts) const {
  add_pairs(pairs_, counts);
  for (std::size_t byte = 0; byte < counts_.size(); ++byte) counts[byte] += counts_[byte];
}

}  // namespace charrnn
