#include "serve/sampling_fields.h"

#include <boost/json/array.hpp>
#include <charconv>
#include <limits>

#include "serve/engine/input_text.h"
#include "serve/request_error.h"

namespace charrnn {
namespace {

namespace json = boost::json;

constexpr double kMostPenalty = 2.0;

double share(const RequestFields& fields, const char* name) {
  const double value = fields.number(name, 1.0, 0.0, 1.0);
  if (value == 0.0) throw invalid_field(name, "must be more than 0");
  return value;
}

// -1 and 0 keep all, as in vLLM and llama.cpp; so does what is above the vocabulary.
int parse_top_k(const RequestFields& fields) {
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  const auto top_k = fields.whole("top_k", -1, kMost).value_or(0);
  return static_cast<int>(std::max<std::int64_t>(top_k, 0));
}

std::size_t parse_look_back(const RequestFields& fields) {
  const auto most = static_cast<std::int64_t>(kRememberedSymbols);
  const auto symbols = fields.whole("repeat_last_n", -1, most);
  if (!symbols) return SamplingOptions().look_back;
  return *symbols < 0 ? kRememberedSymbols : static_cast<std::size_t>(*symbols);
}

std::pair<std::int64_t, float> one_bias(const json::key_value_pair& entry) {
  const std::string_view key = entry.key();
  std::int64_t token = -1;
  const auto read = std::from_chars(key.data(), key.data() + key.size(), token);
  if (read.ec != std::errc() || read.ptr != key.data() + key.size()) {
    throw invalid_field("logit_bias", "must have the numbers of tokens as its keys");
  }
  const double bias = entry.value().is_number() ? entry.value().to_number<double>() : kMostBias + 1;
  if (!(bias >= -kMostBias && bias <= kMostBias)) {
    throw invalid_field("logit_bias", "must have values between -100 and 100");
  }
  return {token, static_cast<float>(bias)};
}

void parse_bias(const RequestFields& fields, CompletionRequest& request) {
  const json::value* value = fields.find("logit_bias");
  if (value == nullptr) return;
  if (!value->is_object()) throw invalid_field("logit_bias", "must be an object");
  for (const auto& entry : value->get_object()) request.logit_bias.push_back(one_bias(entry));
}

void parse_allowed(const RequestFields& fields, CompletionRequest& request) {
  const json::value* value = fields.find("allowed_token_ids");
  if (value == nullptr) return;
  const json::array* list = value->if_array();
  if (list == nullptr || list->empty() || list->size() > kMaxSymbols) {
    throw invalid_field("allowed_token_ids", "must be a list of at least one token");
  }
  for (const json::value& entry : *list) {
    const auto token = whole_number(entry);
    if (!token) throw invalid_field("allowed_token_ids", "has a token that is no whole number");
    request.allowed_token_ids.push_back(*token);
  }
}

}  // namespace

void parse_sampling(const RequestFields& fields, const RequestBounds& bounds,
                    CompletionRequest& request) {
  SamplingOptions& sampling = request.sampling;
  sampling.temperature = fields.number("temperature", 1.0, 0.0, bounds.temperature);
  sampling.top_k = parse_top_k(fields);
  sampling.top_p = share(fields, "top_p");
  sampling.typical_p = share(fields, "typical_p");
  sampling.min_p = fields.number("min_p", 0.0, 0.0, 1.0);
  sampling.repetition_penalty = fields.number("repetition_penalty", 1.0, 0.1, 10.0);
  sampling.presence_penalty = fields.number("presence_penalty", 0.0, -kMostPenalty, kMostPenalty);
  sampling.frequency_penalty = fields.number("frequency_penalty", 0.0, -kMostPenalty, kMostPenalty);
  sampling.look_back = parse_look_back(fields);
  parse_bias(fields, request);
  parse_allowed(fields, request);
}

}  // namespace charrnn
