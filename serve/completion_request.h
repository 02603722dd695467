#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "corpus/symbol.h"
#include "model/sampler.h"

namespace charrnn {

/// A prompt as text (UTF-8), or as symbols.
using Prompt = std::variant<std::string, std::vector<std::int64_t>>;

/// The fields of a request for text, as of OpenAI's completions; also of a plain JSON line.
struct CompletionRequest {
  std::optional<std::string> model;
  std::vector<Prompt> prompts;  ///< at least one; may be left out beside `state_id`
  std::uint64_t max_tokens = 256;
  int n = 1;
  int best_of = 1;  ///< at least n
  bool echo = false;
  std::optional<int> logprobs;
  std::uint64_t min_tokens = 0;  ///< at most max_tokens
  std::vector<std::string> stop;
  bool include_stop = false;         ///< the stop text is given back as well
  std::optional<std::string> regex;  ///< what the text has to match
  std::optional<std::uint64_t> seed;
  SamplingOptions sampling;  ///< without what depends on the vocabulary:
  std::vector<std::pair<std::int64_t, float>> logit_bias;
  std::vector<std::int64_t> allowed_token_ids;
  bool return_token_ids = false;
  bool stream = false;
  bool include_usage = false;
  std::optional<std::string> state_id;  ///< where to go on; the prompt follows there
  bool keep_state = false;              ///< the answer has a `state_id` of its end
  std::string key;                      ///< of the plain protocol; HTTP has a header for it
};

/// The most that a request may ask for.
struct RequestBounds {
  std::size_t prompt_bytes = 64 * 1024;
  std::size_t prompts = 16;
  std::uint64_t max_tokens = 100'000;
  std::uint64_t all_tokens = 400'000;  ///< prompts x n x max_tokens
  int n = 16;
  int logprobs = 5;
  std::size_t stops = 4;
  std::size_t stop_bytes = 256;
  double temperature = 2.0;
};

/// Reads the fields of a JSON text; trusts nothing. A field that is null is not given; one that it
/// does not know is ignored. Throws RequestError with the name of the first field at fault.
CompletionRequest parse_completion(std::string_view json, const RequestBounds& bounds = {});

/// The request that scores the `text` of a JSON text. Throws RequestError.
CompletionRequest parse_score(std::string_view json, const RequestBounds& bounds = {});

/// The value of a JSON text that has to be an object. Throws RequestError.
boost::json::value parse_request_object(std::string_view json);

}  // namespace charrnn
