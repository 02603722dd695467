#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "base/error.h"
#include "serve/http_framing.h"
#include "tests/serve/endpoint_fixture.h"
#include "tests/serve/http_client.h"
#include "tests/serve/unsound_heads.h"

namespace charrnn {
namespace {

using HttpEndpoint = EndpointTest;

std::string code_of(const HttpAnswer& answer) {
  const auto json = answer.json();
  return std::string(json.at("error").at("code").as_string().c_str());
}

TEST_F(HttpEndpoint, ACompletionIsTheTextOfGenerate) {
  const auto port = start();
  const auto answer = post(port, "/v1/completions", request("once", 30, 7));
  EXPECT_EQ(answer.status, 200);
  const auto json = answer.json();
  EXPECT_EQ(json.at("object"), "text_completion");
  const auto choice = json.at("choices").at(0);
  EXPECT_EQ(std::string(choice.at("text").as_string().c_str()),
            generated(*snapshot_, "once", 30, 7));
  EXPECT_EQ(choice.at("finish_reason"), "length");
  EXPECT_TRUE(choice.at("logprobs").is_null());
  EXPECT_EQ(json.at("usage").at("total_tokens"), 34);
}

TEST_F(HttpEndpoint, AStreamIsEventsThatEndWithDone) {
  const auto port = start();
  const auto answer =
      post(port, "/v1/completions",
           request("once", 30, 7, R"(, "stream": true, "stream_options": {"include_usage": true})"),
           "Accept: application/json\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"), "text/event-stream; charset=utf-8");
  auto events = answer.events();
  ASSERT_GE(events.size(), 4U);
  EXPECT_EQ(events.back(), "[DONE]");
  events.pop_back();
  std::vector<boost::json::object> parts;
  for (const auto& event : events) {
    parts.push_back(HttpAnswer{0, {}, event}.json().as_object());
  }
  EXPECT_EQ(parts.back().at("usage").at("total_tokens"), 34);
  EXPECT_TRUE(parts.back().at("choices").as_array().empty());
  parts.pop_back();
  EXPECT_EQ(parts.back().at("choices").at(0).at("finish_reason"), "length");
  std::string text;
  for (const auto& part : parts) text += part.at("choices").at(0).at("text").as_string().c_str();
  EXPECT_EQ(text, generated(*snapshot_, "once", 30, 7));
}

TEST_F(HttpEndpoint, OldClientsGetAStreamWithoutChunks) {
  const auto port = start();
  Client client(port);
  const std::string body = request("once", 10, 7, R"(, "stream": true)");
  client.send(
      "POST /v1/completions HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto answer = read_answer(client);
  EXPECT_FALSE(answer.headers.contains("transfer-encoding"));
  EXPECT_EQ(answer.events().back(), "[DONE]");
}

TEST_F(HttpEndpoint, ConnectionsAreKeptForTheNextRequest) {
  const auto port = start();
  Client client(port);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    for (const char* stream : {"true", "false"}) {
      client.send(post_bytes("/v1/completions",
                             request("a", 5, seed, ", \"stream\": " + std::string(stream))));
      EXPECT_EQ(read_answer(client).status, 200);
    }
  }
  client.send(get_bytes("/health", "Connection: close\r\n"));
  EXPECT_EQ(read_answer(client).status, 200);
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(HttpEndpoint, ABodyMayComeInChunksAndInPieces) {
  const auto port = start();
  const std::string body = request("once", 10, 7);
  std::string bytes =
      "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
      "application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char c : body) bytes += std::string("1;a=b\r\n") + c + "\r\n";
  bytes += "0\r\n\r\n";
  Client client(port);
  for (const char c : bytes) client.send(std::string(1, c));
  EXPECT_EQ(read_answer(client).status, 200);
  client.send(get_bytes("/health"));
  EXPECT_EQ(read_answer(client).status, 200);
}

TEST_F(HttpEndpoint, ABodyThatAsksForLeaveGetsIt) {
  const auto port = start();
  const std::string bytes =
      post_bytes("/v1/completions", request("a", 5, 1), "Expect: 100-continue\r\n");
  const auto body = bytes.find("\r\n\r\n") + 4;
  Client client(port);
  client.send(bytes.substr(0, body));
  EXPECT_EQ(client.read_line(), "HTTP/1.1 100 Continue\r\n");
  client.read_line();
  client.send(bytes.substr(body));
  EXPECT_EQ(read_answer(client).status, 200);
}

TEST_F(HttpEndpoint, RefusalsNameTheirReason) {
  options_.metrics_file = "/nowhere";
  const auto port = start();
  EXPECT_EQ(get(port, "/nothing").status, 404);
  EXPECT_EQ(get(port, "/v1/completions").status, 405);
  EXPECT_EQ(post(port, "/health", "{}").status, 405);
  EXPECT_EQ(code_of(post(port, "/v1/chat/completions", "{}")), "not_found");
  EXPECT_EQ(code_of(post(port, "/v1/completions", "{")), "invalid_json");
  EXPECT_EQ(code_of(post(port, "/v1/completions", R"({"prompt": "A"})")), "unknown_character");
  EXPECT_EQ(code_of(post(port, "/v1/completions", R"({"prompt": [99]})")), "unknown_token");
  EXPECT_EQ(code_of(post(port, "/v1/completions", R"({"prompt": "a", "model": "b"})")),
            "model_not_found");
  EXPECT_EQ(code_of(post(port, "/v1/completions", R"({"state_id": "st-0"})")), "unknown_state");
  EXPECT_EQ(post(port, "/v1/completions", R"({"prompt": "a", "top_k": -2})").status, 400);
  EXPECT_EQ(get(port, "/run/metrics?from=x").status, 400);
  Client client(port);
  client.send("POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(read_answer(client).status, 415);
}

TEST_F(HttpEndpoint, APageElsewhereCannotUseAnotherNameForThisMachine) {
  const auto port = start();
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "[::1", "192.0.2.1:7707", ""}) {
    Client client(port);
    client.send("GET /v1/models HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    EXPECT_EQ(read_answer(client).status, 403) << host;
  }
  for (const char* host : {"localhost", "localhost:7707", "127.0.0.1:1", "[::1]:7707"}) {
    Client client(port);
    client.send("GET /v1/models HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    EXPECT_EQ(read_answer(client).status, 200) << host;
  }
}

TEST_F(HttpEndpoint, ATargetMayBeAWholeUrlWhoseHostCounts) {
  const auto port = start();
  const auto status = [port](const std::string& target, const std::string& host) {
    Client client(port);
    client.send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    return read_answer(client).status;
  };
  EXPECT_EQ(status("http://localhost/v1/models?a", "evil.example"), 200);
  EXPECT_EQ(status("http://localhost", "localhost"), 200);
  EXPECT_EQ(status("http://evil.example/v1/models", "localhost"),
            status("/v1/models", "evil.example"));
  EXPECT_EQ(status("http://localhost@evil.example/v1/models", "localhost"), 400);
  EXPECT_NE(status("/v1/models", "evil.example"), 200);
}

TEST_F(HttpEndpoint, UnsoundRequestsAreRefusedOnceAndTheConnectionCloses) {
  const auto port = start();
  const std::string first = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n";
  const std::string smuggled = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (const std::string& rest :
       {std::string("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        std::string("Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde"),
        std::string("Transfer-Encoding: identity\r\n\r\n"),
        std::string("Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        std::string("Transfer-Encoding: chunked\r\n\r\n5\nabcde\r\n0\r\n\r\n"),
        std::string("Transfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n0\r\n\r\n"),
        std::string("Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabcde"),
        std::string("Transfer-Encoding: chunked\r\n\r\n5\r\nabcdeX\r\n0\r\n\r\n"),
        "Transfer-Encoding: chunked\r\n\r\n5;" + std::string(300, 'a') + "\r\nabcde\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5;" + std::string(20'000, 'a'),
        std::string("A: b\r\n c\r\n\r\n"), std::string("Host: other\r\n\r\n"),
        "A: " + std::string(9000, 'a') + "\r\n\r\n", std::string("\nGET / HTTP/1.1\r\n\r\n")}) {
    Client client(port);
    client.send(first + rest + smuggled);
    const auto answer = read_answer(client);
    EXPECT_GE(answer.status, 400) << rest;
    EXPECT_LT(answer.status, 500) << rest;
    EXPECT_EQ(client.read_all(), "") << rest;
  }
}

TEST_F(HttpEndpoint, NoUnsoundHeadIsAnsweredTwiceOrBelieved) {
  const auto port = start();
  const std::string smuggled = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
  int sent = 0;
  for (const std::string& head : unsound_heads()) {
    // What does not look like HTTP is a prompt of the plain protocol.
    if (!is_http_line(head.substr(0, head.find('\n')))) continue;
    Client client(port);
    client.send(head + smuggled);
    const auto answer = read_answer(client);
    EXPECT_GE(answer.status, 400) << head;
    EXPECT_LT(answer.status, 500) << head;
    EXPECT_EQ(client.read_all(), "") << head;
    ++sent;
  }
  EXPECT_GE(sent, 40);
}

TEST_F(HttpEndpoint, ABodyBeyondItsBoundIsRefused) {
  const auto port = start();
  Client client(port);
  client.send(
      "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 1048577\r\n\r\n");
  EXPECT_EQ(read_answer(client).status, 413);
}

TEST_F(HttpEndpoint, SeveralTextsOfOneRequestDifferAndAreTheSameAgain) {
  const auto port = start();
  const std::string body = request("a", 20, 3, R"(, "n": 4)");
  const auto first = post(port, "/v1/completions", body).json();
  EXPECT_EQ(first.at("choices").as_array().size(), 4U);
  EXPECT_NE(first.at("choices").at(0).at("text"), first.at("choices").at(1).at("text"));
  EXPECT_EQ(first.at("choices"), post(port, "/v1/completions", body).json().at("choices"));
  EXPECT_EQ(first.at("usage").at("completion_tokens"), 80);
}

TEST_F(HttpEndpoint, TheBestOfSeveralAreTheMostProbable) {
  const auto port = start();
  const auto all =
      post(port, "/v1/completions", request("a", 10, 3, R"(, "n": 6, "logprobs": 0)")).json();
  double best = -1e9;
  std::string text;
  for (const auto& choice : all.at("choices").as_array()) {
    double sum = 0;
    for (const auto& logprob : choice.at("logprobs").at("token_logprobs").as_array()) {
      sum += logprob.as_double();
    }
    if (sum > best) text = choice.at("text").as_string().c_str();
    best = std::max(best, sum);
  }
  const auto one =
      post(port, "/v1/completions", request("a", 10, 3, R"(, "n": 1, "best_of": 6)")).json();
  EXPECT_EQ(one.at("choices").as_array().size(), 1U);
  EXPECT_EQ(std::string(one.at("choices").at(0).at("text").as_string().c_str()), text);
}

TEST_F(HttpEndpoint, AnEchoWithoutNewTextScoresAsScoreDoes) {
  const auto port = start();
  const auto echo =
      post(port, "/v1/completions", request("once upon", 0, 1, R"(, "echo": true, "logprobs": 1)"))
          .json();
  const auto score = post(port, "/v1/score", R"({"text": "once upon"})").json();
  const auto logprobs = echo.at("choices").at(0).at("logprobs").at("token_logprobs").as_array();
  const auto& surprisals = score.at("surprisals").as_array();
  ASSERT_EQ(logprobs.size(), 9U);
  ASSERT_EQ(surprisals.size(), 9U);
  double nats = 0;
  for (std::size_t i = 1; i < 9; ++i) {
    EXPECT_EQ(logprobs[i].as_double(), -surprisals[i].as_double());
    nats += surprisals[i].as_double();
  }
  EXPECT_TRUE(logprobs[0].is_null());
  EXPECT_NEAR(score.at("nats").as_double(), nats, 1e-6);
  EXPECT_NEAR(score.at("bits_per_character").as_double(), nats / 8 / std::log(2.0), 1e-6);
  EXPECT_NEAR(score.at("perplexity").as_double(), std::exp(nats / 8), 1e-3);
  EXPECT_EQ(post(port, "/v1/score", "{}").status, 400);
  EXPECT_EQ(post(port, "/v1/score", R"({"text": ""})").status, 200);
}

TEST_F(HttpEndpoint, ATextGoesOnFromItsState) {
  const auto port = start();
  const std::string greedy = R"(, "temperature": 0)";
  const auto whole = post(port, "/v1/completions", request("once", 30, 1, greedy)).json();
  const auto begin =
      post(port, "/v1/completions", request("once", 10, 1, greedy + R"(, "keep_state": true)"))
          .json();
  const std::string state = begin.at("state_id").as_string().c_str();
  const auto rest = post(port, "/v1/completions",
                         R"({"state_id": ")" + state + R"(", "max_tokens": 20, "temperature": 0})")
                        .json();
  EXPECT_EQ(std::string(begin.at("choices").at(0).at("text").as_string().c_str()) +
                rest.at("choices").at(0).at("text").as_string().c_str(),
            whole.at("choices").at(0).at("text").as_string().c_str());
}

TEST_F(HttpEndpoint, TheModelTellsItsStepAndAlphabet) {
  const auto port = start();
  const auto model = get(port, "/v1/models").json().at("data").at(0);
  EXPECT_EQ(model.at("id"), "charrnn");
  EXPECT_EQ(model.at("meta").at("step"), 1);
  EXPECT_EQ(model.at("meta").at("alphabet_size"), 30);
  published_.store(small_snapshot(2));
  EXPECT_EQ(get(port, "/v1/models/charrnn").json().at("meta").at("step"), 2);
  EXPECT_EQ(get(port, "/v1/models/other").status, 404);
}

TEST_F(HttpEndpoint, TheModelTellsWhatItWasTrainedOnAndWhen) {
  auto trained = std::make_shared<Snapshot>(*snapshot_);
  trained->epoch = 3;
  trained->characters = 12345;
  trained->created = 1'700'000'000;
  published_.store(trained);
  options_.corpus = {"book.txt"};
  const auto model = get(start(), "/v1/models/charrnn").json();
  EXPECT_EQ(model.at("created"), 1'700'000'000);
  const auto& meta = model.at("meta");
  EXPECT_EQ(meta.at("epoch"), 3);
  EXPECT_EQ(meta.at("characters"), 12345);
  EXPECT_EQ(meta.at("cell"), "lstm");
  EXPECT_EQ(meta.at("corpus").at("files").at(0), "book.txt");
  EXPECT_EQ(meta.at("corpus").at("characters"), 30);
}

TEST_F(HttpEndpoint, ReadyOnlyWithAModel) {
  published_.store(nullptr);
  const auto port = start();
  EXPECT_EQ(get(port, "/health").status, 200);
  EXPECT_EQ(get(port, "/ready").status, 503);
  EXPECT_EQ(get(port, "/v1/models").status, 503);
  published_.store(snapshot_);
  EXPECT_EQ(get(port, "/ready").status, 200);
}

TEST_F(HttpEndpoint, MetricsCountWhatHappened) {
  const auto port = start();
  post(port, "/v1/completions", request("a", 25, 1));
  post(port, "/v1/completions", "{");
  ASSERT_TRUE(soon([&] {
    return get(port, "/metrics").body.find("charrnn_requests_processing 0\n") != std::string::npos;
  }));
  const auto metrics = get(port, "/metrics");
  EXPECT_EQ(metrics.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"charrnn_requests_total{code=\"200\"} ", "charrnn_requests_total{code=\"400\"} 1\n",
        "charrnn_rejected_total{reason=\"invalid_json\"} 1\n", "charrnn_generated_chars_total 25\n",
        "charrnn_ttfb_seconds_count 1\n", "charrnn_train_step 1\n",
        "charrnn_requests_processing 0\n"}) {
    EXPECT_NE(metrics.body.find(line), std::string::npos) << line;
  }
  EXPECT_TRUE(metrics.body.ends_with('\n'));
}

// Of 100,000 characters, a client that reads none makes the server hold few.
TEST_F(HttpEndpoint, ATextThatNobodyReadsPausesBeforeMuchIsHeldForIt) {
  options_.send_seconds = 60;
  options_.max_live = 1;
  defaults_.length = 100'000;
  const auto port = start();
  constexpr int kReceiveBuffer = 4096;
  Client never(port, kReceiveBuffer);
  never.send("a\n");
  const auto value = [port](const std::string& name) {
    const std::string metrics = get(port, "/metrics").body;
    return std::stoul(metrics.substr(metrics.find('\n' + name + ' ') + name.size() + 2));
  };
  ASSERT_TRUE(
      soon([&] { return value("charrnn_requests_parked") == 1; }, std::chrono::seconds(20)));
  // The kernel takes twice the client's buffer too.
  EXPECT_LE(value("charrnn_generated_chars_total"), 64U * 1024 + 2 * kReceiveBuffer);
  EXPECT_EQ(post(port, "/v1/completions", request("b", 5, 1)).status, 200);
}

TEST_F(HttpEndpoint, ThePageRunsNothingButItsOwn) {
  const auto port = start();
  const auto page = get(port, "/");
  EXPECT_EQ(page.status, 200);
  const auto& policy = page.headers.at("content-security-policy");
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(page.body.find("@nonce@"), std::string::npos);
  EXPECT_EQ(page.body.find("@include"), std::string::npos);
  EXPECT_NE(page.body.find("nonce="), std::string::npos);
  EXPECT_EQ(page.body.find("http://"), std::string::npos);
  EXPECT_EQ(page.body.find("https://"), std::string::npos);
}

TEST_F(HttpEndpoint, HeadGivesTheHeadAlone) {
  const auto port = start();
  Client client(port);
  client.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const std::string all = client.read_all();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(all.ends_with("\r\n\r\n"));
}

class RunFiles : public EndpointTest {
 protected:
  RunFiles() : file_(testing::TempDir() + "metrics." + std::to_string(::getpid()) + ".jsonl") {}
  ~RunFiles() override { std::filesystem::remove(file_); }
  std::string file_;
};

TEST_F(RunFiles, RecordsComeInWholeLinesFromWhereTheLastAnswerEnded) {
  options_.metrics_file = file_;
  const auto port = start();
  EXPECT_EQ(get(port, "/run/metrics").body, "");
  std::ofstream out(file_);
  out << "{\"step\":1}\n{\"step\":2}\n{\"st" << std::flush;
  const auto first = get(port, "/run/metrics?from=0");
  EXPECT_EQ(first.body, "{\"step\":1}\n{\"step\":2}\n");
  out << "ep\":3}\n" << std::flush;
  EXPECT_EQ(get(port, "/run/metrics?from=" + first.headers.at("x-next")).body, "{\"step\":3}\n");
  EXPECT_EQ(get(port, "/run/metrics?from=99999").body, "");
}

TEST_F(HttpEndpoint, WithoutARunItsRecordsAreNotFound) {
  const auto port = start();
  EXPECT_EQ(get(port, "/run/metrics").status, 404);
  EXPECT_EQ(get(port, "/run/status").status, 404);
}

TEST_F(HttpEndpoint, TheRunsStatusIsGivenAsItIs) {
  options_.run_status = [] { return std::string("{\"stage\":\"training\"}"); };
  const auto port = start();
  EXPECT_EQ(get(port, "/run/status").json().at("stage"), "training");
}

class KeyedEndpoint : public EndpointTest {
 protected:
  KeyedEndpoint() : file_(testing::TempDir() + "keys." + std::to_string(::getpid())) {
    std::ofstream(file_) << "# keys\nright\n  second  \n";
    ::chmod(file_.c_str(), 0600);
    options_.api_key_file = file_;
  }
  ~KeyedEndpoint() override { std::filesystem::remove(file_); }
  std::string file_;
};

TEST_F(KeyedEndpoint, EveryRouteButThreeNeedsAKey) {
  const auto port = start();
  const std::string bearer = "Authorization: Bearer ";
  for (const char* path :
       {"/v1/models", "/v1/models/charrnn", "/metrics", "/props", "/openapi.json", "/run/metrics",
        "/run/status", "/nothing", "/v1/models/other"}) {
    EXPECT_EQ(get(port, path).status, 401) << path;
    EXPECT_EQ(get(port, path, bearer + "wrong\r\n").status, 401) << path;
    EXPECT_EQ(get(port, path, bearer + "righ\r\n").status, 401) << path;
    EXPECT_EQ(get(port, path, bearer + "rightright\r\n").status, 401) << path;
    EXPECT_EQ(get(port, path, bearer + "\r\n").status, 401) << path;
    EXPECT_NE(get(port, path, bearer + "right\r\n").status, 401) << path;
    EXPECT_NE(get(port, path, "X-Api-Key: second\r\n").status, 401) << path;
  }
  for (const char* path : {"/v1/completions", "/v1/score"}) {
    const std::string body = R"({"prompt": "a", "text": "a", "max_tokens": 3})";
    EXPECT_EQ(post(port, path, body).status, 401) << path;
    EXPECT_EQ(post(port, path, body, bearer + "wrong\r\n").status, 401) << path;
    EXPECT_EQ(post(port, path, body, bearer + "right\r\n").status, 200) << path;
  }
  for (const char* path : {"/health", "/ready", "/"})
    EXPECT_EQ(get(port, path).status, 200) << path;
}

TEST_F(KeyedEndpoint, PlainTextIsRefusedAndJsonCarriesTheKey) {
  const auto port = start();
  EXPECT_TRUE(ask(port, "a\n").starts_with("error: "));
  EXPECT_EQ(objects(ask(port, request("a", 5, 1))).at(0).at("error").at("code"), "invalid_key");
  EXPECT_EQ(text_of(objects(ask(port, request("a", 5, 1, R"(, "key": "right")")))),
            generated(*snapshot_, "a", 5, 1));
}

TEST_F(KeyedEndpoint, AKeyAllowsAnAddressThatOthersReach) {
  options_.address = "0.0.0.0";
  const auto port = start();
  EXPECT_EQ(get(port, "/health", "").status, 200);
}

TEST_F(KeyedEndpoint, AKeyFileThatOthersReadIsRefused) {
  ::chmod(file_.c_str(), 0644);
  EXPECT_THROW(start(), Error);
  options_.api_key_file = "/nowhere/keys";
  EXPECT_THROW(start(), Error);
}

TEST_F(HttpEndpoint, RandomRequestsHurtNobody) {
  options_.header_seconds = options_.body_seconds = 0.3;
  const auto port = start();
  std::mt19937 random(7);
  const std::string sound = post_bytes("/v1/completions", request("a", 3, 1));
  for (int i = 0; i < 400; ++i) {
    std::string bytes = sound;
    for (int changes = 1 + static_cast<int>(random() % 4); changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    Client client(port);
    client.send(bytes);
    if (i % 3 == 0) client.reset();
    if (i % 3 == 1) client.end_input();
    if (i % 3 == 1) client.read_all();
  }
  EXPECT_TRUE(soon([&] { return get(port, "/health").status == 200; }));
}

TEST_F(HttpEndpoint, MoreConnectionsThanAllowedWaitUntilOneEnds) {
  options_.max_connections = 2;
  published_.store(small_snapshot(1, 512));
  const auto port = start();
  const auto begin_stream = [](Client& client) {
    client.send(post_bytes("/v1/completions", request("a", 100'000, 1, R"(, "stream": true)")));
    EXPECT_EQ(client.read_line(), "HTTP/1.1 200 OK\r\n");
  };
  Client first(port);
  begin_stream(first);
  Client second(port);
  begin_stream(second);
  Client third(port);
  third.send(get_bytes("/props"));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(second.read_line().empty());
  first.close();
  EXPECT_EQ(read_answer(third).json().at("connections"), 2);
}

TEST_F(HttpEndpoint, IdleConnectionsGiveWayToNewOnes) {
  options_.max_connections = 2;
  const auto port = start();
  Client oldest(port);
  oldest.send(get_bytes("/health"));
  EXPECT_EQ(read_answer(oldest).status, 200);
  Client newer(port);
  newer.send(get_bytes("/health"));
  EXPECT_EQ(read_answer(newer).status, 200);
  EXPECT_EQ(get(port, "/health").status, 200);
  EXPECT_EQ(oldest.read_all(), "");
  EXPECT_FALSE(oldest.was_reset());
  newer.send(get_bytes("/health"));
  EXPECT_EQ(read_answer(newer).status, 200);
}

TEST_F(HttpEndpoint, AStreamThatTheServerStopsEndsWithAnErrorEvent) {
  options_.drain_seconds = 1;
  // Too wide to end by itself in that time.
  published_.store(small_snapshot(1, 512));
  const auto port = start();
  Client client(port);
  client.send(post_bytes("/v1/completions", request("a", 100'000, 1, R"(, "stream": true)")));
  HttpAnswer answer;
  std::thread reader([&] { answer = read_answer(client); });
  ASSERT_TRUE(soon([&] { return get(port, "/props").json().at("live") == 1; }));
  server_->stop();
  reader.join();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(HttpAnswer({0, {}, answer.events().back()}).json().at("error").at("code"),
            "shutting_down");
}

}  // namespace
}  // namespace charrnn
