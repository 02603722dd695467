#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
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
  bool scored = false;          ///< logprobs were asked for
  std::size_t text_offset = 0;  ///< characters of this choice before `scores`
  std::optional<Finish> finish;
};

/// Characters that were read and made.
struct Usage {
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
};

/// OpenAI's `choices[i]`.
boost::json::object choice_object(const Choice& choice, const Vocabulary& vocabulary);

/// OpenAI's `text_completion`, also the object of one event of a stream.
boost::json::object completion_object(const CompletionHead& head, boost::json::array choices);

boost::json::object usage_object(const Usage& usage);

/// The answer of /v1/score: the surprisal of each character (null: the first, which nothing stands
/// before), and what it comes to.
boost::json::object score_object(const std::vector<SymbolScore>& scores);

/// The text of a symbol in logprobs; a byte that is no character alone is written as OpenAI does.
std::string token_text(const Vocabulary& vocabulary, Symbol symbol);

/// The mean log probability of a choice's characters, by which the best of several is told.
double mean_logprob(const std::vector<SymbolScore>& scores);

}  // namespace charrnn
