#include "serve/prompt.h"

#include "base/utf8.h"
#include "serve/request_error.h"

namespace charrnn {
namespace {

// The first of <unk>, U+FFFD, '?' and space that the alphabet has.
std::optional<Symbol> replacement(const Vocabulary& vocabulary) {
  if (vocabulary.unknown()) return vocabulary.unknown();
  for (const char32_t character : {U'\uFFFD', U'?', U' '}) {
    if (const auto symbol = vocabulary.find(character)) return symbol;
  }
  return std::nullopt;
}

std::vector<Symbol> encode_known(const Vocabulary& vocabulary, const std::string& text,
                                 std::optional<Symbol> instead) {
  std::vector<Symbol> symbols;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const Utf8Step step =
        vocabulary.bytes() ? Utf8Step{static_cast<std::uint8_t>(*at), 1, true} : next_utf8(at, end);
    const auto symbol = step.valid ? vocabulary.find(step.character) : std::nullopt;
    if (const auto chosen = symbol ? symbol : instead) symbols.push_back(*chosen);
    at += step.length;
  }
  return symbols;
}

std::vector<Symbol> encode_tokens(const Vocabulary& vocabulary,
                                  const std::vector<std::int64_t>& tokens) {
  std::vector<Symbol> symbols;
  for (const std::int64_t token : tokens) {
    if (token < 0 || token >= static_cast<std::int64_t>(vocabulary.size())) {
      throw RequestError(400,
                         "token " + std::to_string(token) + " of the prompt is not one of the " +
                             std::to_string(vocabulary.size()) + " of the alphabet",
                         "prompt", "unknown_token");
    }
    symbols.push_back(static_cast<Symbol>(token));
  }
  return symbols;
}

}  // namespace

std::vector<Symbol> encode_prompt(const Vocabulary& vocabulary, const Prompt& prompt,
                                  UnknownCharacters unknown) {
  if (const auto* tokens = std::get_if<std::vector<std::int64_t>>(&prompt)) {
    return encode_tokens(vocabulary, *tokens);
  }
  const auto& text = std::get<std::string>(prompt);
  if (unknown == UnknownCharacters::kSkip) return encode_known(vocabulary, text, std::nullopt);
  if (unknown == UnknownCharacters::kReplace) {
    return encode_known(vocabulary, text, replacement(vocabulary));
  }
  try {
    return vocabulary.encode(text);
  } catch (const Error& error) {
    throw RequestError(400, error.what(), "prompt", "unknown_character");
  }
}

}  // namespace charrnn
