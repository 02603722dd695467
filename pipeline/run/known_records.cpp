#include "pipeline/run/known_records.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <string>

#include "base/error.h"

namespace charrnn {
namespace {

constexpr std::uint64_t kLeastBits = 1 << 16;
constexpr std::uint64_t kMostBits = std::uint64_t{1} << 32;
constexpr std::uint64_t kBitsOfRecord = 4;
constexpr std::size_t kPiece = 1 << 20;          // characters that are read at once
constexpr std::size_t kLongestRecord = 1 << 20;  // characters

// The bits of a record, by double hashing.
template <typename Each>
bool all_bits(std::span<const Symbol> record, std::uint64_t bits, Each each) {
  const XXH128_hash_t hash = XXH3_128bits(record.data(), record.size_bytes());
  for (std::uint64_t i = 0; i < kBitsOfRecord; ++i) {
    if (!each((hash.low64 + i * hash.high64) & (bits - 1))) return false;
  }
  return true;
}

// Parts a text that comes in pieces into records.
class Parting {
 public:
  Parting(std::span<const Symbol> end, KnownRecords& records) : end_(end), records_(records) {}

  void take(std::span<const Symbol> text) {
    for (const Symbol symbol : text) {
      record_.push_back(symbol);
      if (ended()) {
        keep(record_.size() - end_.size());
      } else if (record_.size() >= 2 * kLongestRecord) {
        record_.erase(record_.begin() + kLongestRecord + 1, record_.end());
      }
    }
  }

  // The text is over.
  void finish() { keep(record_.size()); }

 private:
  bool ended() const {
    return !end_.empty() && record_.size() >= end_.size() &&
           std::equal(end_.rbegin(), end_.rend(), record_.rbegin());
  }

  void keep(std::size_t length) {
    if (length > 0 && length <= kLongestRecord) records_.add(std::span(record_).first(length));
    record_.clear();
  }

  std::span<const Symbol> end_;
  KnownRecords& records_;
  std::vector<Symbol> record_;  // what is there of the next one
};

}  // namespace

KnownRecords::KnownRecords(std::uint64_t characters)
    : bits_(std::bit_ceil(std::clamp(2 * characters, kLeastBits, kMostBits)) / 64) {}

void KnownRecords::add(std::span<const Symbol> record) {
  all_bits(record, 64 * bits_.size(), [this](std::uint64_t bit) {
    bits_[bit / 64] |= std::uint64_t{1} << (bit % 64);
    return true;
  });
}

bool KnownRecords::has(std::span<const Symbol> record) const {
  return all_bits(record, 64 * bits_.size(),
                  [this](std::uint64_t bit) { return (bits_[bit / 64] >> (bit % 64) & 1) != 0; });
}

KnownRecords known_records(const Corpus& corpus, std::span<const Symbol> end,
                           const std::atomic<bool>& stop) {
  KnownRecords records(corpus.characters());
  Parting parting(end, records);
  std::string bytes;
  std::vector<Symbol> symbols;
  for (Position at = corpus.locate(0); at.character < corpus.characters();) {
    check_stop(&stop, "reading the training text");
    symbols.resize(std::min<std::uint64_t>(kPiece, corpus.characters() - at.character));
    bytes.clear();
    corpus.read(at, symbols.size(), bytes);
    corpus.decode(bytes, symbols.data(), symbols.size());
    parting.take(symbols);
  }
  parting.finish();
  return records;
}

}  // namespace charrnn
