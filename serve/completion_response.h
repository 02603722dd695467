#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/vocabulary.h"
#include "serve/engine/generation.h"

namespace charrnn {

/// The fields that every object of one answer has.
struct CompletionHead {
  std::string id;            ///< cmpl-...
  std::int64_t created = 0;  ///< seconds since 1970
  std::uint64_t step = 0;    ///< of the snapshot; makes the fingerprint
};

/// One text of an answer, or the next part of it.
struct Choice {
  int index = 0;
  std::string text;
  std::vector<SymbolScore> scores;
  bool scored = false;  ///< logprobs were asked for
  std::optional<Finish> finish = {};
  std::optional<std::string> stop_text = {};  ///< that ended it
  bool tokens = false;                        ///< the numbers of its symbols were asked for
  std::vector<Symbol> prompt_symbols = {};
  std::vector<Symbol> symbols = {};
};

/// Characters that were read and made.
struct Usage {
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
};

/// One entry of a list that has one for each character: `tokens`, `token_logprobs`, `top_logprobs`
/// and `text_offset` of `logprobs`, and `surprisals` of a score.
boost::json::value score_entry(std::string_view list, const SymbolScore& score,
                               const Vocabulary& vocabulary);

/// OpenAI's `choices[i]`.
boost::json::object choice_object(const Choice& choice, const Vocabulary& vocabulary);

/// OpenAI's `text_completion`, also the object of one event of a stream.
boost::json::object completion_object(const CompletionHead& head, boost::json::array choices);

boost::json::object usage_object(const Usage& usage);

/// The answer of /v1/score with an empty list `surprisals`, which has the surprisal of each of
/// `characters` (null: the first, which nothing stands before); `nats`: their sum over `scored`.
boost::json::object score_object(std::size_t characters, std::size_t scored, double nats);

/// The text of a symbol in logprobs; a byte that is no character alone is written as OpenAI does.
std::string token_text(const Vocabulary& vocabulary, Symbol symbol);

}  // namespace charrnn
