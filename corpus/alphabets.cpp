#include "corpus/alphabets.h"

#include <map>
#include <numeric>
#include <string>

#include "base/error.h"

namespace charrnn {
namespace {

using Counts = std::map<char32_t, std::uint64_t>;

void require_same_kind(const Vocabulary& known, const Vocabulary& found) {
  if (known.bytes() == found.bytes()) return;
  throw Error(ErrorKind::kInput,
              std::string("the text is read as ") + (found.bytes() ? "bytes" : "characters") +
                  ", and the vocabulary consists of " + (known.bytes() ? "bytes" : "characters") +
                  ": see corpus.encoding");
}

Counts counts_of(const Vocabulary& vocabulary) {
  Counts counts;
  for (std::size_t i = 0; i < vocabulary.size(); ++i) {
    counts.emplace(vocabulary.characters()[i], vocabulary.counts()[i]);
  }
  return counts;
}

Vocabulary made_of(const Counts& counts, bool bytes) {
  if (counts.size() > kMaxSymbols) {
    throw Error(ErrorKind::kInput, "the vocabulary would have " + std::to_string(counts.size()) +
                                       " characters, and a model takes at most 65,535: fold the "
                                       "rare ones with corpus.min_count");
  }
  std::vector<char32_t> characters;
  std::vector<std::uint64_t> numbers;
  for (const auto& [character, count] : counts) {
    characters.push_back(character);
    numbers.push_back(count);
  }
  std::optional<Symbol> unknown;
  if (counts.contains(kUnknownCharacter)) unknown = static_cast<Symbol>(counts.size() - 1);
  return Vocabulary(std::move(characters), std::move(numbers), bytes, unknown);
}

}  // namespace

Vocabulary lacking(const Vocabulary& known, const Vocabulary& found) {
  require_same_kind(known, found);
  Counts counts = counts_of(found);
  for (const char32_t character : known.characters()) counts.erase(character);
  return made_of(counts, found.bytes());
}

Vocabulary extended(const Vocabulary& known, const Vocabulary& found) {
  require_same_kind(known, found);
  Counts counts = counts_of(found);
  for (const char32_t character : known.characters()) counts.emplace(character, 0);
  return made_of(counts, known.bytes());
}

Vocabulary frozen(const Vocabulary& known, const Vocabulary& found) {
  const Vocabulary folded = lacking(known, found);
  const Counts in_text = counts_of(found);
  Counts counts;
  for (const char32_t character : known.characters()) {
    const auto place = in_text.find(character);
    counts[character] = place == in_text.end() ? 0 : place->second;
  }
  const auto& all = folded.counts();
  if (!all.empty()) {
    counts[kUnknownCharacter] += std::accumulate(all.begin(), all.end(), std::uint64_t{0});
  }
  return made_of(counts, known.bytes());
}

}  // namespace charrnn
