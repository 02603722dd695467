#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "corpus/corpus.h"
#include "model/packed_network.h"

namespace charrnn {

/// What a text costs a model.
struct TextScore {
  double nats = 0.0;              ///< the sum over all scored transitions
  std::uint64_t transitions = 0;  ///< from one character to the next
};

/// How a text is scored.
struct TextScoreOptions {
  std::optional<Symbol> skipped;            ///< this one is left out of the text, if there is one
  std::optional<Symbol> replaced;           ///< ... or read as `replacement`
  Symbol replacement = 0;                   ///< a symbol of the network
  const std::atomic<bool>* stop = nullptr;  ///< may be null
  std::function<void(std::uint64_t)>
      progress;  ///< characters read so far, now and then; may be empty
};

/// Scores every transition of a text once and in order, from one zeroed state, which is zeroed
/// again where a document begins: what the endpoint's score of the same text adds up to. The first
/// character of a document is scored by what stands in front of it. Documents go through the
/// network side by side, one text without documents on one row; the result does not depend on that.
/// The corpus's symbols are those of the network, but for `skipped` or `replaced`. Throws Stopped,
/// what reading throws, and Error(kDiverged) when the scores are not numbers.
TextScore score_text(const Corpus& corpus, const PackedNetwork& network,
                     const TextScoreOptions& options);

}  // namespace charrnn
