#include "serve/completion_request.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <random>

#include "serve/request_error.h"

namespace charrnn {
namespace {

// The field that a request is refused for; "-" when it is not refused, "json" when it is no
// request.
std::string refused_for(const std::string& json) {
  try {
    parse_completion(json);
    return "-";
  } catch (const RequestError& error) {
    EXPECT_EQ(error.status(), 400);
    const auto object = error.object();
    const auto& fields = object.at("error").as_object();
    if (fields.at("param").is_null()) return "json";
    return std::string(fields.at("param").as_string().c_str());
  }
}

std::string with(const std::string& field) { return R"({"prompt": "a", )" + field + "}"; }

TEST(CompletionRequest, OnlyAPromptIsNeeded) {
  const auto request = parse_completion(R"({"prompt": "Once"})");
  EXPECT_EQ(std::get<std::string>(request.prompts.at(0)), "Once");
  EXPECT_EQ(request.max_tokens, 256U);
  EXPECT_EQ(request.sampling.temperature, 1.0);
  EXPECT_EQ(request.n, 1);
  EXPECT_FALSE(request.seed);
  EXPECT_FALSE(request.stream);
}

TEST(CompletionRequest, EveryFieldIsRead) {
  const auto request = parse_completion(
      R"({"model": "charrnn", "prompt": ["a", "b"], "max_tokens": 7, "n": 2, "best_of": 2, "echo": true,
          "logprobs": 3, "stop": ["x", "yz"], "seed": -4, "temperature": 0.5, "top_p": 0.9, "top_k": 5,
          "min_p": 0.1, "repetition_penalty": 1.2, "stream": true,
          "stream_options": {"include_usage": true}, "state_id": "s", "key": "k"})");
  EXPECT_EQ(request.prompts.size(), 2U);
  EXPECT_EQ(request.max_tokens, 7U);
  EXPECT_EQ(request.n, 2);
  EXPECT_TRUE(request.echo);
  EXPECT_EQ(request.logprobs, 3);
  EXPECT_EQ(request.stop, (std::vector<std::string>{"x", "yz"}));
  EXPECT_EQ(request.seed, static_cast<std::uint64_t>(-4));
  EXPECT_EQ(request.sampling.temperature, 0.5);
  EXPECT_EQ(request.sampling.top_p, 0.9);
  EXPECT_EQ(request.sampling.top_k, 5);
  EXPECT_EQ(request.sampling.min_p, 0.1);
  EXPECT_EQ(request.sampling.repetition_penalty, 1.2);
  EXPECT_TRUE(request.include_usage);
  EXPECT_EQ(request.state_id, "s");
  EXPECT_EQ(request.key, "k");
}

TEST(CompletionRequest, NullMeansNotGiven) {
  EXPECT_EQ(refused_for(with(R"("seed": null, "stop": null, "n": null, "logprobs": null)")), "-");
}

TEST(CompletionRequest, PromptsMayBeTokens) {
  const auto one = parse_completion(R"({"prompt": [1, 2, 3]})");
  EXPECT_EQ(std::get<1>(one.prompts.at(0)), (std::vector<std::int64_t>{1, 2, 3}));
  const auto two = parse_completion(R"({"prompt": [[1], [2, 3]]})");
  EXPECT_EQ(std::get<1>(two.prompts.at(1)), (std::vector<std::int64_t>{2, 3}));
}

TEST(CompletionRequest, WhatIsOutOfBoundsNamesItsField) {
  EXPECT_EQ(refused_for("{}"), "prompt");
  EXPECT_EQ(refused_for(R"({"prompt": 3})"), "prompt");
  EXPECT_EQ(refused_for(R"({"prompt": []})"), "prompt");
  EXPECT_EQ(refused_for(R"({"prompt": ")" + std::string(65537, 'a') + "\"}"), "prompt");
  for (const char* value : {"-1", "100001", "1.5", "\"9\"", "18446744073709551615", "1e99"}) {
    EXPECT_EQ(refused_for(with("\"max_tokens\": " + std::string(value))), "max_tokens") << value;
  }
  for (const char* value : {"-0.1", "2.1", "\"1\"", "true", "[]"}) {
    EXPECT_EQ(refused_for(with("\"temperature\": " + std::string(value))), "temperature") << value;
  }
  EXPECT_EQ(refused_for(with("\"top_p\": 0")), "top_p");
  EXPECT_EQ(refused_for(with("\"top_k\": -2")), "top_k");
  EXPECT_EQ(refused_for(with("\"typical_p\": 0")), "typical_p");
  EXPECT_EQ(refused_for(with("\"presence_penalty\": 2.5")), "presence_penalty");
  EXPECT_EQ(refused_for(with("\"frequency_penalty\": -2.5")), "frequency_penalty");
  EXPECT_EQ(refused_for(with("\"repeat_last_n\": 1025")), "repeat_last_n");
  EXPECT_EQ(refused_for(with("\"min_tokens\": 9, \"max_tokens\": 8")), "min_tokens");
  EXPECT_EQ(refused_for(with("\"logit_bias\": {\"a\": 1}")), "logit_bias");
  EXPECT_EQ(refused_for(with("\"logit_bias\": {\"1\": 101}")), "logit_bias");
  EXPECT_EQ(refused_for(with("\"allowed_token_ids\": []")), "allowed_token_ids");
  EXPECT_EQ(refused_for(with("\"regex\": 1")), "regex");
  EXPECT_EQ(refused_for(with("\"n\": 17")), "n");
  EXPECT_EQ(refused_for(with("\"n\": 3, \"best_of\": 2")), "best_of");
  EXPECT_EQ(refused_for(with("\"best_of\": 2, \"stream\": true")), "best_of");
  EXPECT_EQ(refused_for(with("\"logprobs\": 6")), "logprobs");
  EXPECT_EQ(refused_for(with("\"stop\": [\"a\",\"b\",\"c\",\"d\",\"e\"]")), "stop");
  EXPECT_EQ(refused_for(with("\"stop\": \"\"")), "stop");
  EXPECT_EQ(refused_for(with("\"seed\": 1.5")), "seed");
  EXPECT_EQ(refused_for(with("\"n\": 16, \"max_tokens\": 100000")), "max_tokens");
  EXPECT_EQ(refused_for(with("\"suffix\": \"x\"")), "suffix");
  EXPECT_EQ(refused_for(with("\"stream_options\": {}")), "stream_options");
}

TEST(CompletionRequest, WhatIsNoJsonObjectIsRefused) {
  for (const char* text : {"", "{", "[]", "null", "{\"prompt\": \"a\"} x", "{\"prompt\": NaN}",
                           "{\"prompt\": \"\xFF\"}", "{\"prompt\": \"\\ud800\"}",
                           "{\"prompt\": \"a\", \"prompt\": \"b\"}", "{\"temperature\": 1e999}"}) {
    EXPECT_EQ(refused_for(text), "json") << text;
  }
  EXPECT_EQ(refused_for(with("\"x\": " + std::string(100, '[') + std::string(100, ']'))), "json");
}

TEST(CompletionRequest, RandomBytesAreRefusedOrReadAndNothingElse) {
  std::mt19937 random(1);
  const std::string seed = with(R"("max_tokens": 12, "stop": ["x"], "temperature": 0.25)");
  for (int i = 0; i < 20'000; ++i) {
    std::string text = seed;
    for (int changes = 1 + static_cast<int>(random() % 4); changes > 0; --changes) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    try {
      parse_completion(text);
    } catch (const RequestError&) {
    }
  }
}

}  // namespace
}  // namespace charrnn
