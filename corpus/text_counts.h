#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "corpus/corpus.h"

namespace charrnn {

/// The documents of a text.
struct DocumentCounts {
  std::uint64_t documents = 1;
  std::uint64_t longest = 0;  ///< characters of the longest one
};

/// Counts the documents of a text. Reads all of it in parallel, unless files are documents. Throws
/// as Corpus::read(), and Stopped when `stop` (which may be null) is set.
DocumentCounts count_documents(const Corpus& corpus, const std::atomic<bool>* stop = nullptr);

/// Whether any character but the first one begins a document: reads until one does.
bool has_documents(const Corpus& corpus, const std::atomic<bool>* stop = nullptr);

/// How often each symbol occurs in a part of a text: one count a symbol of its vocabulary. Reads
/// the part in parallel.
std::vector<std::uint64_t> count_symbols(const Corpus& corpus, CharacterRange range,
                                         const std::atomic<bool>* stop = nullptr);

}  // namespace charrnn
