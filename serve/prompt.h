#pragma once

#include <vector>

#include "corpus/vocabulary.h"
#include "serve/completion_request.h"
#include "serve/server.h"

namespace charrnn {

/// The symbols of a prompt. What the alphabet lacks is an error, left out, or replaced. Throws
/// RequestError naming the character and its position, or the token at fault.
std::vector<Symbol> encode_prompt(const Vocabulary& vocabulary, const Prompt& prompt,
                                  UnknownCharacters unknown);

/// The symbol that a client's token stands for. Throws RequestError naming `field`.
Symbol known_token(const Vocabulary& vocabulary, std::int64_t token, const char* field);

}  // namespace charrnn
