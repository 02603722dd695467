#pragma once

#include <string>
#include <vector>

#include "corpus/corpus.h"

namespace charrnn {

/// All symbols of a corpus.
inline std::vector<Symbol> symbols_of(const Corpus& corpus) {
  Position at = corpus.locate(0);
  std::string bytes;
  corpus.read(at, corpus.characters(), bytes);
  std::vector<Symbol> symbols(corpus.characters());
  corpus.decode(bytes, symbols.data(), symbols.size());
  return symbols;
}

/// All text of a corpus, as its vocabulary spells it.
inline std::string text_of(const Corpus& corpus) {
  return corpus.vocabulary().decode(symbols_of(corpus));
}

}  // namespace charrnn
