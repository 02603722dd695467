#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "corpus/vocabulary.h"
#include "serve/engine/text_pattern.h"

namespace charrnn {

/// The newest patterns of requests, so that one that comes again is not made again. One thread.
class TextPatterns {
 public:
  static constexpr std::size_t kMost = 32;

  /// The pattern of this expression, see TextPattern. Throws PatternError.
  std::shared_ptr<const TextPattern> find(const std::string& regex,
                                          const std::shared_ptr<const Vocabulary>& vocabulary,
                                          const std::vector<Symbol>& allowed);

 private:
  struct Entry {
    std::string regex;
    std::shared_ptr<const Vocabulary> vocabulary;
    std::vector<Symbol> allowed;
    std::shared_ptr<const TextPattern> pattern;
  };

  std::list<Entry> entries_;  // the newest first
};

}  // namespace charrnn
