#include "serve/completion_response.h"

#include <boost/json/array.hpp>
#include <boost/json/value_from.hpp>
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
  json::object lists;
  for (const char* name : {"tokens", "token_logprobs", "top_logprobs", "text_offset"}) {
    json::array& list = lists[name].emplace_array();
    for (const SymbolScore& score : choice.scores) {
      list.push_back(score_entry(name, score, vocabulary));
    }
  }
  return lists;
}

json::array token_ids(const std::vector<Symbol>& symbols) {
  return json::array(symbols.begin(), symbols.end());
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

json::value score_entry(std::string_view list, const SymbolScore& score,
                        const Vocabulary& vocabulary) {
  if (list == "tokens") return json::value_from(token_text(vocabulary, score.symbol));
  if (list == "token_logprobs") return logprob_or_null(score);
  if (list == "top_logprobs") return top_object(score, vocabulary);
  if (list == "text_offset") return score.offset;
  if (!score.logprob) return nullptr;
  return -static_cast<double>(*score.logprob);
}

json::object choice_object(const Choice& choice, const Vocabulary& vocabulary) {
  json::object object;
  object["text"] = choice.text;
  object["index"] = choice.index;
  object["logprobs"] = logprobs_object(choice, vocabulary);
  object["finish_reason"] = nullptr;
  if (choice.finish) object["finish_reason"] = finish_reason(*choice.finish);
  object["stop_reason"] = nullptr;
  if (choice.stop_text) object["stop_reason"] = *choice.stop_text;
  if (choice.tokens) object["token_ids"] = token_ids(choice.symbols);
  if (!choice.prompt_symbols.empty()) {
    object["prompt_token_ids"] = token_ids(choice.prompt_symbols);
  }
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

json::object score_object(std::size_t characters, std::size_t scored, double nats) {
  const double mean = scored == 0 ? 0.0 : nats / static_cast<double>(scored);
  return {{"object", "score"},
          {"model", "charrnn"},
          {"characters", characters},
          {"scored", scored},
          {"nats", nats},
          {"nats_per_character", mean},
          {"bits_per_character", mean / std::log(2.0)},
          {"perplexity", std::exp(mean)},
          {"surprisals", json::array()}};
}

}  // namespace charrnn
