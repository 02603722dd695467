#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "corpus/corpus.h"

namespace charrnn {

/// Tells which records a text holds, by hashes of them (a Bloom filter). Never misses one; takes a
/// record for one of the text without reason in about one case of fifty, and in more where records
/// are shorter than 8 characters. Its memory is a quarter of a byte for each character of the text,
/// and 512 MiB at most.
class KnownRecords {
 public:
  /// For the records of a text of so many characters.
  explicit KnownRecords(std::uint64_t characters);

  void add(std::span<const Symbol> record);

  /// False only for a record that was not added.
  bool has(std::span<const Symbol> record) const;

 private:
  std::vector<std::uint64_t> bits_;  // 64 each
};

/// The records of a text, which `end` stands behind; without one the text is a record. Of a record
/// of more than a million characters nothing is kept. Throws Stopped, and what reading throws.
KnownRecords known_records(const Corpus& corpus, std::span<const Symbol> end,
                           const std::atomic<bool>& stop);

}  // namespace charrnn
