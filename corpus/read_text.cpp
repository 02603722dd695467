#include "corpus/read_text.h"

#include "base/error.h"
#include "base/utf8.h"
#include "corpus/character_kind.h"
#include "corpus/composer.h"

namespace charrnn {
namespace {

/// A character before it is looked up. `valid`: it stands for itself, not for ill-formed bytes.
struct Decoded {
  char32_t character = 0;
  bool valid = true;
};

std::vector<Decoded> decoded(std::string_view text, bool bytes) {
  std::vector<Decoded> characters;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const Utf8Step step =
        bytes ? Utf8Step{static_cast<unsigned char>(*at), 1, true} : next_utf8(at, end);
    characters.push_back({step.character, step.valid});
    at += step.length;
  }
  return characters;
}

/// CRLF and CR become LF, in place.
void translate_newlines(std::vector<Decoded>& characters) {
  std::size_t kept = 0;
  bool after_return = false;
  for (const Decoded next : characters) {
    const bool merged = after_return && next.character == U'\n';
    after_return = next.character == U'\r';
    if (merged) continue;
    characters[kept++] = after_return ? Decoded{U'\n', true} : next;
  }
  characters.resize(kept);
}

/// Composes what lies between ill-formed bytes, which keep their place.
std::vector<Decoded> composed(const std::vector<Decoded>& characters) {
  std::vector<Decoded> result;
  std::string run;
  const auto finish_run = [&] {
    std::string out;
    Composer().feed(run, true, out);
    const auto whole = decoded(out, false);
    result.insert(result.end(), whole.begin(), whole.end());
    run.clear();
  };
  for (const Decoded& next : characters) {
    if (next.valid) {
      append_utf8(next.character, run);
      continue;
    }
    finish_run();
    result.push_back(next);
  }
  finish_run();
  return result;
}

std::string ways_out(const UnknownRule& rule) {
  if (rule.key.empty()) return ": leave it out";
  return ": leave it out, or set " + rule.key + " = skip or replace";
}

[[noreturn]] void refuse(std::size_t place, Decoded character, bool bytes,
                         const UnknownRule& rule) {
  const std::string where = "character " + std::to_string(place) + " of " + rule.text;
  if (!character.valid) {
    throw Error(ErrorKind::kUsage, where + " is not valid UTF-8" + ways_out(rule));
  }
  throw Error(ErrorKind::kUsage, where + ", " + character_name(character.character, bytes) +
                                     ", is not in the model's vocabulary" + ways_out(rule));
}

}  // namespace

std::optional<Symbol> stand_in(const Vocabulary& vocabulary) {
  if (vocabulary.unknown()) return vocabulary.unknown();
  for (const char32_t character : {U'\uFFFD', U'?', U' '}) {
    if (const auto symbol = vocabulary.find(character)) return symbol;
  }
  return std::nullopt;
}

std::vector<ReadCharacter> read_text(std::string_view text, const Vocabulary& vocabulary,
                                     const UnknownRule& rule) {
  const TextReading reading = vocabulary.reading();
  if (!vocabulary.bytes() && text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  std::vector<Decoded> characters = decoded(text, vocabulary.bytes());
  if (rule.what == UnknownCharacters::kSkip) {
    std::erase_if(characters, [](const Decoded& each) { return !each.valid; });
  }
  if (reading.universal && !vocabulary.bytes()) translate_newlines(characters);
  if (reading.compose && !vocabulary.bytes()) characters = composed(characters);

  const std::optional<Symbol> instead =
      rule.what == UnknownCharacters::kReplace ? stand_in(vocabulary) : vocabulary.unknown();
  std::vector<ReadCharacter> read;
  read.reserve(characters.size());
  for (const Decoded& each : characters) {
    const bool refused = rule.what == UnknownCharacters::kError;
    if (!each.valid && refused) refuse(read.size() + 1, each, vocabulary.bytes(), rule);
    std::optional<Symbol> symbol = vocabulary.find(each.character);
    if (!symbol) symbol = instead;
    if (!symbol && refused) refuse(read.size() + 1, each, vocabulary.bytes(), rule);
    read.push_back({each.character, symbol});
  }
  return read;
}

std::vector<Symbol> read_symbols(std::string_view text, const Vocabulary& vocabulary,
                                 const UnknownRule& rule) {
  std::vector<Symbol> symbols;
  for (const ReadCharacter& each : read_text(text, vocabulary, rule)) {
    if (each.symbol) symbols.push_back(*each.symbol);
  }
  return symbols;
}

}  // namespace charrnn
