#include "serve/prompt.h"

#include "corpus/read_text.h"
#include "serve/request_error.h"

namespace charrnn {
namespace {

std::vector<Symbol> encode_tokens(const Vocabulary& vocabulary,
                                  const std::vector<std::int64_t>& tokens) {
  std::vector<Symbol> symbols;
  for (const std::int64_t token : tokens) {
    symbols.push_back(known_token(vocabulary, token, "prompt"));
  }
  return symbols;
}

}  // namespace

Symbol known_token(const Vocabulary& vocabulary, std::int64_t token, const char* field) {
  if (token >= 0 && token < static_cast<std::int64_t>(vocabulary.size())) {
    return static_cast<Symbol>(token);
  }
  throw RequestError(400,
                     "token " + std::to_string(token) + " of '" + field + "' is not one of the " +
                         std::to_string(vocabulary.size()) + " of the vocabulary",
                     field, "unknown_token");
}

std::vector<Symbol> encode_prompt(const Vocabulary& vocabulary, const Prompt& prompt,
                                  UnknownCharacters unknown) {
  if (const auto* tokens = std::get_if<std::vector<std::int64_t>>(&prompt)) {
    return encode_tokens(vocabulary, *tokens);
  }
  try {
    return read_symbols(std::get<std::string>(prompt), vocabulary,
                        {.what = unknown, .text = "the prompt", .key = "serve.unknown"});
  } catch (const Error& error) {
    throw RequestError(400, error.what(), "prompt", "unknown_character");
  }
}

}  // namespace charrnn
