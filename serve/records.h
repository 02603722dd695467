#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/packed_network.h"
#include "model/published.h"
#include "serve/options.h"

namespace charrnn {

/// One text that a model wrote as a record of its training text.
struct Record {
  std::uint64_t choice = 0;     ///< its number among all that were made, from 0
  std::string text;             ///< behind the prompt, without what ends it
  std::vector<Symbol> symbols;  ///< of `text`
  bool whole = false;           ///< it came to its end within `options.length` characters
};

/// The symbols that stand between two records of the text that a model learned: what ends a
/// document, or a line feed where that text is one document. Empty when the vocabulary has none.
std::vector<Symbol> record_end(const Vocabulary& vocabulary);

/// Writes records without end, 64 of them side by side: each begins behind a record_end() and
/// `options.prompt`, and comes to its end at the next one, or at the end of a match when
/// `options.regex` is given. Gives them to `take` in the order of their choices until it returns
/// false or `stop` is true. Record k is the text that generate() writes as sample k for that
/// prompt, with the end as a stop text. Throws Error(kUsage) for a prompt with a character that the
/// vocabulary lacks, and for an expression that cannot be used.
void generate_records(const Snapshot& snapshot, const GenerateOptions& options,
                      const std::function<bool(const Record&)>& take, const std::atomic<bool>& stop,
                      const PackedNetworkOptions& network = {});

}  // namespace charrnn
