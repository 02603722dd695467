#include "corpus/vocabulary.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"

namespace charrnn {
namespace {

[[noreturn]] void reject(const std::string& reason) {
  throw Error(ErrorKind::kCheckpoint, "vocabulary: " + reason);
}

bool is_text(char32_t character) {
  return character < 0x110000 && (character < 0xD800 || character > 0xDFFF);
}

void check_characters(const std::vector<char32_t>& characters, bool bytes,
                      std::optional<Symbol> unknown) {
  for (std::size_t i = 0; i < characters.size(); ++i) {
    if (i > 0 && characters[i] <= characters[i - 1]) {
      reject("symbol " + std::to_string(i) +
             " does not follow the one before it in code-point order");
    }
    const bool is_unknown = unknown && *unknown == i;
    const bool fits = bytes ? characters[i] < 256 : is_text(characters[i]);
    if (is_unknown ? characters[i] != kUnknownCharacter : !fits) {
      reject("symbol " + std::to_string(i) + " is no character");
    }
  }
}

}  // namespace

Vocabulary::Vocabulary(std::vector<char32_t> characters, std::vector<std::uint64_t> counts,
                       bool bytes, std::optional<Symbol> unknown)
    : characters_(std::move(characters)),
      counts_(std::move(counts)),
      bytes_(bytes),
      unknown_(unknown) {
  if (characters_.size() != counts_.size()) {
    reject(std::to_string(characters_.size()) + " symbols with " + std::to_string(counts_.size()) +
           " counts");
  }
  if (characters_.size() > kMaxSymbols) reject("more than 65,535 symbols");
  if (unknown_ && *unknown_ >= characters_.size()) reject("<unk> is none of the symbols");
  check_characters(characters_, bytes_, unknown_);
}

std::optional<Symbol> Vocabulary::find(char32_t character) const {
  const auto place = std::lower_bound(characters_.begin(), characters_.end(), character);
  if (place == characters_.end() || *place != character || character == kUnknownCharacter) {
    return std::nullopt;
  }
  return static_cast<Symbol>(place - characters_.begin());
}

void Vocabulary::append(Symbol symbol, std::string& out) const {
  const char32_t character = symbol == unknown_ ? U'\uFFFD' : characters_.at(symbol);
  if (bytes_ && symbol != unknown_) {
    out.push_back(static_cast<char>(character));
  } else {
    append_utf8(character, out);
  }
}

std::string Vocabulary::decode(const std::vector<Symbol>& symbols) const {
  std::string text;
  text.reserve(symbols.size());
  for (const Symbol symbol : symbols) append(symbol, text);
  return text;
}

}  // namespace charrnn
