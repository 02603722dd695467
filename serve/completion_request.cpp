#include "serve/completion_request.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <limits>

#include "base/json.h"
#include "serve/engine/text_pattern.h"
#include "serve/request_error.h"
#include "serve/request_fields.h"
#include "serve/sampling_fields.h"

namespace charrnn {
namespace {

namespace json = boost::json;

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
    const auto symbol = whole_number(token);
    if (!symbol) throw invalid_field("prompt", "has a token that is no whole number");
    symbols.push_back(*symbol);
  }
  return symbols;
}

Prompt one_prompt(const json::value& value, const RequestBounds& bounds) {
  if (const auto* text = value.if_string()) return prompt_text(*text, bounds);
  if (const auto* tokens = value.if_array()) return prompt_tokens(*tokens, bounds);
  throw invalid_field("prompt", "must be a string, a list of strings, or lists of tokens");
}

std::vector<Prompt> parse_prompts(const RequestFields& fields, const RequestBounds& bounds) {
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

std::vector<std::string> parse_stop(const RequestFields& fields, const RequestBounds& bounds) {
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

// OpenAI's API has it, and a model that reads from left to right has not.
void refuse_suffix(const RequestFields& fields) {
  const json::value* suffix = fields.find("suffix");
  const bool empty = suffix == nullptr || (suffix->is_string() && suffix->get_string().empty());
  if (!empty) throw invalid_field("suffix", "is not supported: text is made from left to right");
}

// What ends a text.
void parse_end(const RequestFields& fields, const RequestBounds& bounds,
               CompletionRequest& request) {
  request.stop = parse_stop(fields, bounds);
  request.include_stop = fields.flag("include_stop_str_in_output").value_or(false);
  const auto most = static_cast<std::int64_t>(request.max_tokens);
  request.min_tokens = static_cast<std::uint64_t>(fields.whole("min_tokens", 0, most).value_or(0));
  request.regex = fields.text("regex", TextPattern::kLongest);
}

void parse_choices(const RequestFields& fields, const RequestBounds& bounds,
                   CompletionRequest& request) {
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

void parse_stream(const RequestFields& fields, CompletionRequest& request) {
  request.stream = fields.flag("stream").value_or(false);
  const json::value* options = fields.find("stream_options");
  if (options == nullptr) return;
  if (!options->is_object()) throw invalid_field("stream_options", "must be an object");
  if (!request.stream) throw invalid_field("stream_options", "needs 'stream' to be true");
  request.include_usage =
      RequestFields(options->get_object()).flag("include_usage").value_or(false);
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
  const RequestFields fields(value.get_object());
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
  using Limits = std::numeric_limits<std::int64_t>;
  if (const auto seed = fields.whole("seed", Limits::min(), Limits::max())) {
    request.seed = static_cast<std::uint64_t>(*seed);
  }
  parse_sampling(fields, bounds, request);
  parse_end(fields, bounds, request);
  parse_stream(fields, request);
  parse_choices(fields, bounds, request);
  request.state_id = fields.text("state_id", 64);
  request.keep_state = fields.flag("keep_state").value_or(false);
  const bool one_text = request.prompts.size() == 1 && request.best_of == 1;
  if (request.keep_state && !one_text) throw invalid_field("keep_state", "needs a single text");
  request.key = fields.text("key", 4096).value_or("");
  request.return_token_ids = fields.flag("return_token_ids").value_or(false);
  refuse_suffix(fields);
  return request;
}

CompletionRequest parse_score(std::string_view json, const RequestBounds& bounds) {
  const boost::json::value value = parse_request_object(json);
  const RequestFields fields(value.get_object());
  auto text = fields.text("text", bounds.prompt_bytes);
  if (!text) throw RequestError(400, "'text' is missing", "text", "missing_field");
  CompletionRequest request;
  request.prompts.emplace_back(std::move(*text));
  request.max_tokens = 0;
  request.logprobs = 0;
  return request;
}

}  // namespace charrnn
