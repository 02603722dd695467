#pragma once

#include "corpus/corpus.h"
#include "nodes/messages.h"

namespace charrnn {

/// Turns the bytes of a stripe into symbols. Stateless: any number of calls at once.
class Encoder {
 public:
  /// `corpus` is borrowed.
  explicit Encoder(const Corpus& corpus) : corpus_(corpus) {}

  /// Throws Error(kInput) when the text is not what the index says.
  SymbolStripe operator()(const TextStripe& stripe) const;

 private:
  const Corpus& corpus_;
};

}  // namespace charrnn
