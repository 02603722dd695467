// What a request can ask of its texts, and what the answer tells of them.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <regex>
#include <set>

#include "tests/serve/endpoint_fixture.h"
#include "tests/serve/http_client.h"

namespace charrnn {
namespace {

namespace json = boost::json;

class ChoicesEndpoint : public EndpointTest {
 protected:
  json::value answer(const std::string& fields, int status = 200) {
    if (port_ == 0) port_ = start();
    const auto answer = post(port_, "/v1/completions", "{" + fields + "}");
    EXPECT_EQ(answer.status, status) << answer.body;
    return answer.json();
  }
  std::vector<std::string> texts(const std::string& fields) {
    std::vector<std::string> all;
    const json::value whole = answer(fields);
    for (const auto& choice : whole.at("choices").as_array()) {
      all.emplace_back(choice.at("text").as_string().c_str());
    }
    return all;
  }
  std::string refused_code(const std::string& fields, int status = 400) {
    const json::value refusal = answer(fields, status);
    return refusal.at("error").at("code").as_string().c_str();
  }
  std::uint16_t port_ = 0;
};

// The first three bytes from `at` on that are ASCII.
std::string ascii_part(const std::string& text, std::size_t at) {
  const auto plain = [](const std::string& part) {
    return std::all_of(part.begin(), part.end(), [](char c) { return c >= ' ' && c < 127; });
  };
  while (!plain(text.substr(at, 3))) ++at;
  return text.substr(at, 3);
}

std::shared_ptr<const Snapshot> with_reading(TextReading reading) {
  Snapshot snapshot = *small_snapshot(1);
  Vocabulary vocabulary = *snapshot.vocabulary;
  vocabulary.set_reading(std::move(reading));
  snapshot.vocabulary = std::make_shared<const Vocabulary>(std::move(vocabulary));
  return std::make_shared<const Snapshot>(std::move(snapshot));
}

TEST_F(ChoicesEndpoint, EqualPromptsWithoutASeedGetTextsOfTheirOwn) {
  const auto all = texts(R"("prompt": ["once", "once", "once"], "n": 3, "max_tokens": 40)");
  ASSERT_EQ(all.size(), 9U);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 9U);
}

TEST_F(ChoicesEndpoint, WithASeedAPromptsFirstTextIsTheOneThatItGetsAlone) {
  const std::string rest = R"(, "n": 3, "max_tokens": 40, "seed": 5)";
  const auto all = texts(R"("prompt": ["once", "upon", "once"])" + rest);
  ASSERT_EQ(all.size(), 9U);
  EXPECT_EQ(all[0], generated(*snapshot_, "once", 40, 5));
  EXPECT_EQ(all[3], generated(*snapshot_, "upon", 40, 5));
  EXPECT_EQ(all[6], all[0]);
  // First choices draw the same numbers, so theirs may be alike; no other two are.
  std::set<std::string> different{all[0]};
  for (const std::size_t other : {1, 2, 4, 5, 7, 8}) different.insert(all[other]);
  EXPECT_EQ(different.size(), 7U);
  EXPECT_EQ(texts(R"("prompt": ["once", "upon", "once"])" + rest), all);
}

TEST_F(ChoicesEndpoint, MoreTextsThanOneClientCanEverHaveAreRefusedForGood) {
  options_.max_live = 8;
  options_.max_queued = 8;
  EXPECT_EQ(refused_code(R"("prompt": "a", "n": 9, "max_tokens": 1)"), "too_many_texts");
  EXPECT_EQ(texts(R"("prompt": "a", "n": 8, "max_tokens": 1)").size(), 8U);
}

TEST_F(ChoicesEndpoint, WhatClientsSendByHabitIsTaken) {
  const std::string text = texts(R"("prompt": "once", "seed": 3, "max_tokens": 20)").front();
  for (const char* habit :
       {R"("top_k": -1)", R"("top_k": 0)", R"("top_k": 5000)", R"("suffix": "")",
        R"("suffix": null)", R"("presence_penalty": 0, "frequency_penalty": 0.0)",
        R"("logit_bias": {})", R"("logit_bias": null)", R"("min_tokens": 0)", R"("best_of": 1)",
        R"("typical_p": 1)", R"("repeat_last_n": -1)", R"("user": "me")", R"("n": 1.0)"}) {
    EXPECT_EQ(texts(R"("prompt": "once", "seed": 3.0, "max_tokens": 20.0, )" + std::string(habit))
                  .front(),
              text)
        << habit;
  }
  EXPECT_EQ(get(port_, "/v1/health").status, 200);
}

TEST_F(ChoicesEndpoint, BiasAndPenaltiesChangeWhatIsChosen) {
  const auto id = [&](char32_t c) { return std::to_string(*snapshot_->vocabulary->find(c)); };
  EXPECT_EQ(texts(R"("prompt": "a", "max_tokens": 5, "logit_bias": {")" + id(U'q') + R"(": 100})")
                .front(),
            "qqqqq");
  EXPECT_EQ(
      texts(R"("prompt": "a", "max_tokens": 5, "allowed_token_ids": [)" + id(U'z') + "]").front(),
      "zzzzz");
  // Whatever was written comes no more while there is something else.
  const auto varied =
      texts(R"("prompt": "", "max_tokens": 30, "temperature": 0, "logit_bias": {")" + id(U'e') +
            R"(": 2.5}, "presence_penalty": 2, "frequency_penalty": 2)");
  const auto plain = texts(R"("prompt": "", "max_tokens": 30, "temperature": 0, "logit_bias": {")" +
                           id(U'e') + R"(": 2.5})");
  EXPECT_EQ(plain.front(), std::string(30, 'e'));
  EXPECT_LT(std::count(varied.front().begin(), varied.front().end(), 'e'), 10);
  EXPECT_EQ(refused_code(R"("prompt": "a", "logit_bias": {"900": 1})"), "unknown_token");
  EXPECT_EQ(refused_code(R"("prompt": "a", "allowed_token_ids": [-1])"), "unknown_token");
}

TEST_F(ChoicesEndpoint, AStopTextIsToldAndGivenBackWhenAskedFor) {
  const std::string whole = generated(*snapshot_, "once", 60, 5);
  const std::string stop = ascii_part(whole, 20);
  const std::string begin = whole.substr(0, whole.find(stop));
  const std::string fields = R"("prompt": "once", "seed": 5, "max_tokens": 60, "stop": [)" +
                             json::serialize(json::value(stop)) + "]";
  const auto choice = answer(fields).at("choices").at(0);
  EXPECT_EQ(choice.at("text").as_string(), begin);
  EXPECT_EQ(choice.at("stop_reason").as_string(), stop);
  EXPECT_EQ(texts(fields + R"(, "include_stop_str_in_output": true)").front(), begin + stop);
  EXPECT_EQ(texts(fields + R"(, "min_tokens": 60)").front(), whole);
  EXPECT_TRUE(
      answer(R"("prompt": "a", "max_tokens": 2)").at("choices").at(0).at("stop_reason").is_null());
}

TEST_F(ChoicesEndpoint, TokensGoInAndOut) {
  const auto first =
      answer(R"("prompt": "once", "seed": 5, "max_tokens": 10, "return_token_ids": true)");
  const auto choice = first.at("choices").at(0);
  ASSERT_EQ(choice.at("token_ids").as_array().size(), 10U);
  ASSERT_EQ(choice.at("prompt_token_ids").as_array().size(), 4U);
  const auto again = texts(R"("seed": 5, "max_tokens": 10, "prompt": )" +
                           json::serialize(choice.at("prompt_token_ids")));
  EXPECT_EQ(again.front(), choice.at("text").as_string());
}

TEST_F(ChoicesEndpoint, ATextMatchesItsPattern) {
  const std::regex plain("[a-f]{2,6}( [x-z]+)*");
  for (int seed = 0; seed < 50; ++seed) {
    const auto choice =
        answer(R"("prompt": "once", "max_tokens": 20, "regex": "[a-f]{2,6}( [x-z]+)*", "seed": )" +
               std::to_string(seed))
            .at("choices")
            .at(0);
    EXPECT_TRUE(std::regex_match(choice.at("text").as_string().c_str(), plain)) << choice;
    EXPECT_EQ(choice.at("finish_reason").as_string(), "stop");
  }
  for (const char* wrong : {"(", "(?=a)", "[0-9]+", "a{30}", "(a|b)*a(a|b){14}"}) {
    EXPECT_EQ(
        refused_code(R"("prompt": "a", "max_tokens": 20, "regex": ")" + std::string(wrong) + "\""),
        "invalid_regex");
  }
}

TEST_F(ChoicesEndpoint, AStateIsKeptOnlyWhenAskedForAndGoesOnAfterAStop) {
  const std::string greedy = R"("prompt": "once", "max_tokens": 40, "temperature": 0)";
  const std::string whole = texts(greedy).front();
  EXPECT_FALSE(answer(greedy).as_object().contains("state_id"));
  const std::string stop = ascii_part(whole, 5);
  const auto begun =
      answer(greedy + R"(, "keep_state": true, "stop": )" + json::serialize(json::value(stop)));
  const std::string text = begun.at("choices").at(0).at("text").as_string().c_str();
  const std::string state = begun.at("state_id").as_string().c_str();
  for (int again = 0; again < 2; ++again) {
    const auto rest = texts(R"("state_id": ")" + state + R"(", "temperature": 0, "max_tokens": )" +
                            std::to_string(40 - text.size()));
    EXPECT_EQ(text + rest.front(), whole);
  }
  EXPECT_EQ(refused_code(R"("prompt": "a", "n": 2, "keep_state": true)"), "invalid_value");
}

TEST_F(ChoicesEndpoint, PlainJsonKeepsAStateToo) {
  port_ = start();
  const auto first =
      objects(ask(port_, request("once", 10, 1, R"(, "temperature": 0, "keep_state": true)")));
  const std::string state = first.back().at("state_id").as_string().c_str();
  const auto rest = objects(
      ask(port_, R"({"temperature": 0, "max_tokens": 10, "state_id": ")" + state + "\"}\n"));
  EXPECT_EQ(text_of(first) + text_of(rest),
            text_of(objects(ask(port_, request("once", 20, 1, R"(, "temperature": 0)")))));
}

TEST_F(ChoicesEndpoint, ASkippedCharacterHasItsPlaceInAScore) {
  options_.unknown = UnknownCharacters::kSkip;
  port_ = start();
  const auto score = post(port_, "/v1/score", R"({"text": "on#ce"})").json();
  const auto& surprisals = score.at("surprisals").as_array();
  ASSERT_EQ(surprisals.size(), 5U);
  EXPECT_TRUE(surprisals[0].is_null());
  EXPECT_TRUE(surprisals[2].is_null());
  const auto plain = post(port_, "/v1/score", R"({"text": "once"})").json();
  EXPECT_EQ(surprisals[3], plain.at("surprisals").at(2));
  EXPECT_EQ(score.at("nats"), plain.at("nats"));
}

TEST_F(ChoicesEndpoint, OffsetsCountTheCharactersOfATextOfBytes) {
  published_.store(byte_snapshot(2));
  const auto choice =
      answer(R"("prompt": "a\u00e9\u00e9b", "max_tokens": 0, "echo": true, "logprobs": 0)")
          .at("choices")
          .at(0);
  EXPECT_EQ(choice.at("logprobs").at("text_offset"), (json::array{0, 1, 1, 2, 2, 3}));
}

TEST_F(ChoicesEndpoint, AModelOfLinesBeginsEachTextAsALine) {
  snapshot_ = with_reading({.documents = {DocumentEnd::kLine}});
  published_.store(snapshot_);
  EXPECT_EQ(texts(R"("prompt": "", "max_tokens": 20, "seed": 4)"),
            texts(R"("prompt": "\n", "max_tokens": 20, "seed": 4)"));
  EXPECT_EQ(texts(R"("prompt": "once\nupon", "max_tokens": 20, "temperature": 0)"),
            texts(R"("prompt": "upon", "max_tokens": 20, "temperature": 0)"));
  EXPECT_EQ(answer(R"("prompt": "", "max_tokens": 3)").at("usage").at("prompt_tokens"), 0);
}

TEST_F(ChoicesEndpoint, PromptsAreReadAsTheCorpusWas) {
  snapshot_ = with_reading({.universal = true, .compose = true});
  published_.store(snapshot_);
  EXPECT_EQ(texts(R"("prompt": "e\u0301\r\na", "max_tokens": 20, "seed": 4)"),
            texts(R"("prompt": "\u00e9\na", "max_tokens": 20, "seed": 4)"));
  EXPECT_NE(
      answer(R"("prompt": "#")", 400).at("error").at("message").as_string().find("serve.unknown"),
      std::string::npos);
}

TEST_F(ChoicesEndpoint, UnknownIsWrittenOnlyWhenAskedFor) {
  Snapshot snapshot = *small_snapshot(1);
  std::vector<char32_t> characters{U'a', U'b', kUnknownCharacter};
  snapshot.network.vocabulary = 3;
  snapshot.weights = std::make_shared<const Weights>(initial_weights(snapshot.network, 1));
  snapshot.vocabulary = std::make_shared<const Vocabulary>(
      characters, std::vector<std::uint64_t>(3, 1), false, Symbol{2});
  published_.store(std::make_shared<const Snapshot>(snapshot));
  const std::string unknown = "\uFFFD";
  EXPECT_EQ(texts(R"("prompt": "a\ufffdz", "max_tokens": 200)").front().find(unknown),
            std::string::npos);
  EXPECT_NE(
      texts(R"("prompt": "a", "max_tokens": 200, "logit_bias": {"2": 1})").front().find(unknown),
      std::string::npos);
}

}  // namespace
}  // namespace charrnn
