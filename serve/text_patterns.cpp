#include "serve/text_patterns.h"

#include <algorithm>

namespace charrnn {

std::shared_ptr<const TextPattern> TextPatterns::find(
    const std::string& regex, const std::shared_ptr<const Vocabulary>& vocabulary,
    const std::vector<Symbol>& allowed) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.regex == regex && entry.vocabulary == vocabulary && entry.allowed == allowed;
  });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
  } else {
    auto pattern = std::make_shared<const TextPattern>(regex, *vocabulary, allowed);
    entries_.push_front({regex, vocabulary, allowed, std::move(pattern)});
    if (entries_.size() > kMost) entries_.pop_back();
  }
  return entries_.front().pattern;
}

}  // namespace charrnn
