#include "serve/completion_response.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <cmath>
#include <cstdio>

#include "serve/plain_protocol.h"

namespace charrnn {
namespace {

namespace json = boost::json;

json::value logprob_or_null(const SymbolScore& score) {
  if (!score.logprob) return nullptr;
  return static_cast<double>(*score.logprob);
}

json::value top_object(const SymbolScore& score, const Vocabulary& vocabulary) {
  if (!score.logprob) return nullptr;
  json::object top;
  for (const auto& [symbol, logprob] : score.top) {
    top[token_text(vocabulary, symbol)] = static_cast<double>(logprob);
  }
  // The chosen one always stands among them.
  top[token_text(vocabulary, score.symbol)] = static_cast<double>(*score.logprob);
  return top;
}

json::value logprobs_object(const Choice& choice, const Vocabulary& vocabulary) {
  if (!choice.scored) return nullptr;
  json::array tokens;
  json::array token_logprobs;
  json::array top_logprobs;
  json::array offsets;
  std::size_t offset = choice.text_offset;
  for (const SymbolScore& score : choice.scores) {
    tokens.emplace_back(token_text(vocabulary, score.symbol));
    token_logprobs.push_back(logprob_or_null(score));
    top_logprobs.push_back(top_object(score, vocabulary));
    offsets.emplace_back(offset++);
  }
  return {{"tokens", std::move(tokens)},
          {"token_logprobs", std::move(token_logprobs)},
          {"top_logprobs", std::move(top_logprobs)},
          {"text_offset", std::move(offsets)}};
}

}  // namespace

std::string token_text(const Vocabulary& vocabulary, Symbol symbol) {
  const char32_t character = vocabulary.characters()[symbol];
  if (vocabulary.bytes() && character >= 0x80) {
    char text[24];
    std::snprintf(text, sizeof text, "bytes:\\x%02x", static_cast<unsigned>(character));
    return text;
  }
  std::string text;
  vocabulary.append(symbol, text);
  return text;
}

json::object choice_object(const Choice& choice, const Vocabulary& vocabulary) {
  json::object object;
  object["text"] = choice.text;
  object["index"] = choice.index;
  object["logprobs"] = logprobs_object(choice, vocabulary);
  object["finish_reason"] = nullptr;
  if (choice.finish) object["finish_reason"] = finish_reason(*choice.finish);
  return object;
}

json::object completion_object(const CompletionHead& head, json::array choices) {
  json::object object;
  object["id"] = head.id;
  object["object"] = "text_completion";
  object["created"] = head.created;
  object["model"] = "charrnn";
  object["system_fingerprint"] = "fp_" + std::to_string(head.step);
  object["choices"] = std::move(choices);
  return object;
}

json::object usage_object(const Usage& usage) {
  return {{"prompt_tokens", usage.prompt_tokens},
          {"completion_tokens", usage.completion_tokens},
          {"total_tokens", usage.prompt_tokens + usage.completion_tokens}};
}

json::object score_object(const std::vector<SymbolScore>& scores) {
  json::array surprisals;
  for (const SymbolScore& score : scores) {
    if (score.logprob) {
      surprisals.emplace_back(-static_cast<double>(*score.logprob));
    } else {
      surprisals.emplace_back(nullptr);
    }
  }
  const auto unscored = std::count_if(scores.begin(), scores.end(),
                                      [](const SymbolScore& score) { return !score.logprob; });
  const auto scored = scores.size() - static_cast<std::size_t>(unscored);
  const double mean = -mean_logprob(scores);
  return {{"object", "score"},
          {"model", "charrnn"},
          {"characters", scores.size()},
          {"scored", scored},
          {"nats", mean * static_cast<double>(scored)},
          {"nats_per_character", mean},
          {"bits_per_character", mean / std::log(2.0)},
          {"perplexity", std::exp(mean)},
          {"surprisals", std::move(surprisals)}};
}

double mean_logprob(const std::vector<SymbolScore>& scores) {
  double sum = 0.0;
  std::size_t count = 0;
  for (const SymbolScore& score : scores) {
    if (!score.logprob) continue;
    sum += *score.logprob;
    ++count;
  }
  return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

}  // namespace charrnn
