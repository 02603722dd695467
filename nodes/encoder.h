#pragma once

#include <string_view>
#include <vector>

#include "corpus/corpus.h"
#include "nodes/messages.h"

namespace charrnn {

/// Turns the bytes of a stripe into symbols and finds where documents begin. Stateless: any number
/// of calls at once.
class Encoder {
 public:
  /// `corpus` is borrowed.
  explicit Encoder(const Corpus& corpus) : corpus_(corpus) {}

  /// Throws Error(kInput) with file and offset when the text is not what the index says.
  SymbolStripe operator()(const TextStripe& stripe) const;

 private:
  void decode(std::uint64_t first, std::string_view bytes, Symbol* out, std::size_t count) const;
  void decode_piece(const TextPiece& piece, std::string_view bytes, Symbol* out,
                    std::vector<std::size_t>& begins) const;

  const Corpus& corpus_;
};

}  // namespace charrnn
