#include "serve/completion_request.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <limits>

#include "base/json.h"
#include "serve/request_error.h"

namespace charrnn {
namespace {

namespace json = boost::json;

constexpr const char* kBetween = "must be between ";

// One request's object, asked field by field.
class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  // Nothing when it is absent or null.
  const json::value* find(const char* name) const {
    const json::value* value = object_.if_contains(name);
    return value != nullptr && !value->is_null() ? value : nullptr;
  }

  std::optional<std::int64_t> whole(const char* name, std::int64_t least, std::int64_t most) const {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    std::int64_t number = 0;
    if (value->is_int64()) {
      number = value->get_int64();
    } else if (value->is_uint64()) {
      number = std::numeric_limits<std::int64_t>::max();
    } else {
      throw invalid_field(name, "must be a whole number");
    }
    if (number < least || number > most) {
      throw invalid_field(name, kBetween + std::to_string(least) + " and " + std::to_string(most));
    }
    return number;
  }

  std::optional<double> number(const char* name) const {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) throw invalid_field(name, "must be a number");
    const double number = value->to_number<double>();
    if (!std::isfinite(number)) throw invalid_field(name, "must be finite");
    return number;
  }

  std::optional<bool> flag(const char* name) const {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_bool()) throw invalid_field(name, "must be true or false");
    return value->get_bool();
  }

  std::optional<std::string> text(const char* name, std::size_t longest) const {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) throw invalid_field(name, "must be a string");
    const auto& text = value->get_string();
    if (text.size() > longest) {
      throw invalid_field(name, "has more than " + std::to_string(longest) + " bytes");
    }
    return std::string(text.data(), text.size());
  }

 private:
  const json::object& object_;
};

std::string prompt_text(const json::string& text, const RequestBounds& bounds) {
  if (text.size() > bounds.prompt_bytes) {
    throw invalid_field("prompt",
                        "has more than " + std::to_string(bounds.prompt_bytes) + " bytes");
  }
  return std::string(text.data(), text.size());
}

std::vector<std::int64_t> prompt_tokens(const json::array& tokens, const RequestBounds& bounds) {
  if (tokens.size() > bounds.prompt_bytes) {
    throw invalid_field("prompt",
                        "has more than " + std::to_string(bounds.prompt_bytes) + " tokens");
  }
  std::vector<std::int64_t> symbols;
  for (const json::value& token : tokens) {
    if (!token.is_int64()) throw invalid_field("prompt", "has a token that is no whole number");
    symbols.push_back(token.get_int64());
  }
  return symbols;
}

Prompt one_prompt(const json::value& value, const RequestBounds& bounds) {
  if (const auto* text = value.if_string()) return prompt_text(*text, bounds);
  if (const auto* tokens = value.if_array()) return prompt_tokens(*tokens, bounds);
  throw invalid_field("prompt", "must be a string, a list of strings, or lists of tokens");
}

std::vector<Prompt> parse_prompts(const Fields& fields, const RequestBounds& bounds) {
  const json::value* value = fields.find("prompt");
  if (value == nullptr && fields.find("state_id") != nullptr) return {std::string()};
  if (value == nullptr) throw RequestError(400, "'prompt' is missing", "prompt", "missing_field");
  const json::array* list = value->if_array();
  const bool of_tokens = list != nullptr && !list->empty() && list->front().is_number();
  if (list == nullptr || of_tokens) return {one_prompt(*value, bounds)};
  if (list->empty() || list->size() > bounds.prompts) {
    throw invalid_field("prompt", "must have 1 to " + std::to_string(bounds.prompts) + " entries");
  }
  std::vector<Prompt> prompts;
  for (const json::value& entry : *list) prompts.push_back(one_prompt(entry, bounds));
  return prompts;
}

std::vector<std::string> parse_stop(const Fields& fields, const RequestBounds& bounds) {
  const json::value* value = fields.find("stop");
  if (value == nullptr) return {};
  const json::array list = value->is_array() ? value->get_array() : json::array{*value};
  if (list.size() > bounds.stops) {
    throw invalid_field("stop", "has more than " + std::to_string(bounds.stops) + " texts");
  }
  std::vector<std::string> stops;
  for (const json::value& entry : list) {
    const json::string* text = entry.if_string();
    if (text == nullptr || text->empty() || text->size() > bounds.stop_bytes) {
      throw invalid_field(
          "stop", "must hold texts of 1 to " + std::to_string(bounds.stop_bytes) + " bytes");
    }
    stops.emplace_back(text->data(), text->size());
  }
  return stops;
}

double in_range(const Fields& fields, const char* name, double otherwise, double least,
                double most) {
  const double value = fields.number(name).value_or(otherwise);
  if (value >= least && value <= most) return value;
  char range[64];
  std::snprintf(range, sizeof range, "%s%g and %g", kBetween, least, most);
  throw invalid_field(name, range);
}

SamplingOptions parse_sampling(const Fields& fields, const RequestBounds& bounds) {
  SamplingOptions sampling;
  sampling.temperature = in_range(fields, "temperature", 1.0, 0.0, bounds.temperature);
  sampling.top_p = in_range(fields, "top_p", 1.0, 0.0, 1.0);
  if (sampling.top_p == 0.0) throw invalid_field("top_p", "must be more than 0");
  sampling.min_p = in_range(fields, "min_p", 0.0, 0.0, 1.0);
  sampling.repetition_penalty = in_range(fields, "repetition_penalty", 1.0, 0.1, 10.0);
  constexpr std::int64_t kSymbols = std::numeric_limits<Symbol>::max();
  sampling.top_k = static_cast<int>(fields.whole("top_k", 0, kSymbols).value_or(0));
  return sampling;
}

// What OpenAI's API has and a character model has not.
void refuse_unsupported(const Fields& fields) {
  for (const char* name : {"suffix", "logit_bias"}) {
    const json::value* value = fields.find(name);
    const bool empty = value != nullptr && value->is_object() && value->get_object().empty();
    if (value != nullptr && !empty) throw invalid_field(name, "is not supported");
  }
  for (const char* name : {"presence_penalty", "frequency_penalty"}) {
    if (fields.number(name).value_or(0.0) != 0.0) {
      throw invalid_field(name, "is not supported; use 'repetition_penalty'");
    }
  }
}

void parse_choices(const Fields& fields, const RequestBounds& bounds, CompletionRequest& request) {
  request.n = static_cast<int>(fields.whole("n", 1, bounds.n).value_or(1));
  request.best_of =
      static_cast<int>(fields.whole("best_of", request.n, bounds.n).value_or(request.n));
  if (request.stream && request.best_of > request.n) {
    throw invalid_field("best_of", "must be 'n' when the text is streamed");
  }
  const auto texts = request.prompts.size() * static_cast<std::uint64_t>(request.best_of);
  // Scores take much more memory than text.
  const auto most = request.logprobs ? bounds.all_tokens / 10 : bounds.all_tokens;
  if (texts > 1 && texts * request.max_tokens > most) {
    throw invalid_field("max_tokens",
                        "times the number of texts is more than " + std::to_string(most));
  }
}

void parse_stream(const Fields& fields, CompletionRequest& request) {
  request.stream = fields.flag("stream").value_or(false);
  const json::value* options = fields.find("stream_options");
  if (options == nullptr) return;
  if (!options->is_object()) throw invalid_field("stream_options", "must be an object");
  if (!request.stream) throw invalid_field("stream_options", "needs 'stream' to be true");
  request.include_usage = Fields(options->get_object()).flag("include_usage").value_or(false);
}

}  // namespace

json::value parse_request_object(std::string_view text) {
  try {
    json::value value = parse_json(text, "the request");
    if (value.is_object()) return value;
  } catch (const Error& error) {
    throw RequestError(400, error.what(), "", "invalid_json");
  }
  throw RequestError(400, "the request must be a JSON object", "", "invalid_json");
}

CompletionRequest parse_completion(std::string_view text, const RequestBounds& bounds) {
  const json::value value = parse_request_object(text);
  const Fields fields(value.get_object());
  CompletionRequest request;
  request.model = fields.text("model", 256);
  request.prompts = parse_prompts(fields, bounds);
  const auto most = static_cast<std::int64_t>(bounds.max_tokens);
  request.max_tokens = static_cast<std::uint64_t>(
      fields.whole("max_tokens", 0, most).value_or(static_cast<std::int64_t>(request.max_tokens)));
  request.echo = fields.flag("echo").value_or(false);
  if (const auto k = fields.whole("logprobs", 0, bounds.logprobs)) {
    request.logprobs = static_cast<int>(*k);
  }
  request.stop = parse_stop(fields, bounds);
  using Limits = std::numeric_limits<std::int64_t>;
  if (const auto seed = fields.whole("seed", Limits::min(), Limits::max())) {
    request.seed = static_cast<std::uint64_t>(*seed);
  }
  request.sampling = parse_sampling(fields, bounds);
  parse_stream(fields, request);
  parse_choices(fields, bounds, request);
  request.state_id = fields.text("state_id", 64);
  request.key = fields.text("key", 4096).value_or("");
  refuse_unsupported(fields);
  return request;
}

CompletionRequest parse_score(std::string_view json, const RequestBounds& bounds) {
  const boost::json::value value = parse_request_object(json);
  const Fields fields(value.get_object());
  auto text = fields.text("text", bounds.prompt_bytes);
  if (!text) throw RequestError(400, "'text' is missing", "text", "missing_field");
  CompletionRequest request;
  request.prompts.emplace_back(std::move(*text));
  request.max_tokens = 0;
  request.logprobs = 0;
  return request;
}

}  // namespace charrnn
