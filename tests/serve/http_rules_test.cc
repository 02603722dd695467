// What HTTP's own rules ask of a server, and who may ask it.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "serve/request_log.h"
#include "tests/serve/endpoint_fixture.h"
#include "tests/serve/http_client.h"

namespace charrnn {
namespace {

class HttpRules : public EndpointTest {
 protected:
  static HttpAnswer answer_to(std::uint16_t port, const std::string& bytes) {
    Client client(port);
    client.send(bytes);
    return read_answer(client);
  }

  static int status_for_host(std::uint16_t port, const std::string& host) {
    return answer_to(port, "GET /v1/models HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status;
  }

  static std::string code_of(const HttpAnswer& answer) {
    return answer.json().at("error").at("code").as_string().c_str();
  }
};

TEST_F(HttpRules, OldClientsNeedNoHost) {
  const auto port = start();
  EXPECT_EQ(answer_to(port, "GET /health HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_EQ(answer_to(port, "GET /health HTTP/1.1\r\n\r\n").status, 400);
}

TEST_F(HttpRules, ARefusedMethodComesWithThoseThatAreAllowed) {
  const auto port = start();
  EXPECT_EQ(post(port, "/health", "{}").headers.at("allow"), "GET, HEAD");
  EXPECT_EQ(get(port, "/v1/completions").headers.at("allow"), "POST");
}

TEST_F(HttpRules, EveryAnswerHasADateAndTheIdOfItsRequest) {
  const auto port = start();
  const auto whole = get(port, "/health", "X-Request-Id: mine-1\r\n");
  EXPECT_TRUE(whole.headers.at("date").ends_with(" GMT"));
  EXPECT_EQ(whole.headers.at("x-request-id"), "mine-1");
  const auto stream = post(port, "/v1/completions", request("a", 5, 1, R"(, "stream": true)"));
  EXPECT_EQ(stream.headers.at("date").size(), std::string("Sun, 06 Nov 1994 08:49:37 GMT").size());
  EXPECT_TRUE(stream.headers.at("x-request-id").starts_with("req-"));
  EXPECT_TRUE(
      get(port, "/health", "X-Request-Id: a b\r\n").headers.at("x-request-id").starts_with("req-"));
}

TEST_F(HttpRules, AnEmptyLineBeforeARequestIsNone) {
  const auto port = start();
  Client client(port);
  client.send("\r\n" + get_bytes("/health"));
  EXPECT_EQ(read_answer(client).status, 200);
  client.send("\r\n" + get_bytes("/health"));
  EXPECT_EQ(read_answer(client).status, 200);
  EXPECT_EQ(ask(port, "\r\n"), generated(*snapshot_, "", 60, 11));
}

TEST_F(HttpRules, LeaveToSendABodyIsAskedForInAnyCase) {
  const auto port = start();
  const std::string bytes =
      post_bytes("/v1/completions", request("a", 5, 1), "EXPECT: 100-Continue\r\n");
  const auto body = bytes.find("\r\n\r\n") + 4;
  Client client(port);
  client.send(bytes.substr(0, body));
  EXPECT_EQ(client.read_line(), "HTTP/1.1 100 Continue\r\n");
  client.read_line();
  client.send(bytes.substr(body));
  EXPECT_EQ(read_answer(client).status, 200);
}

TEST_F(HttpRules, RequestsThatComeTogetherAreAnsweredInTurn) {
  const auto port = start();
  Client client(port);
  client.send(post_bytes("/v1/completions", request("a", 50, 1, R"(, "stream": true)")) +
              post_bytes("/v1/completions", request("a", 60, 2)) + get_bytes("/nothing") +
              get_bytes("/health", "Connection: close\r\n") + get_bytes("/health"));
  EXPECT_EQ(read_answer(client).events().back(), "[DONE]");
  EXPECT_EQ(read_answer(client).json().at("usage").at("completion_tokens"), 60);
  EXPECT_EQ(read_answer(client).status, 404);
  const auto last = read_answer(client);
  EXPECT_EQ(last.headers.at("connection"), "close");
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(HttpRules, SchemesAndMediaTypesAreComparedByTheirRules) {
  const auto port = start();
  const auto status = [port](const std::string& type) {
    return answer_to(port, "POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type +
                               "\r\nContent-Length: 13\r\n\r\n{\"text\": \"a\"}")
        .status;
  };
  EXPECT_EQ(status("Application/JSON"), 200);
  EXPECT_EQ(status("application/json; charset=utf-8"), 200);
  EXPECT_EQ(status("application/json;charset=utf-8"), 200);
  EXPECT_EQ(status("application/jsonx"), 415);
  EXPECT_EQ(status("application/json-seq"), 415);
  EXPECT_EQ(status("text/plain; application/json"), 415);
}

TEST_F(HttpRules, PathsAndQueriesMayBePercentEncoded) {
  options_.metrics_file = testing::TempDir() + "rules." + std::to_string(::getpid()) + ".jsonl";
  std::ofstream(options_.metrics_file) << "{\"step\":1}\n{\"step\":2}\n";
  const auto port = start();
  EXPECT_EQ(get(port, "/v1/m%6Fdels").status, 200);
  EXPECT_EQ(get(port, "/v1/m%zzdels").status, 400);
  EXPECT_EQ(get(port, "/run/metrics?fro%6d=%311").body, "{\"step\":2}\n");
  EXPECT_EQ(get(port, "/run/metrics?xfrom=11&from=0").body, "{\"step\":1}\n{\"step\":2}\n");
  EXPECT_EQ(get(port, "/run/metrics?from=1x").status, 400);
  std::filesystem::remove(options_.metrics_file);
}

TEST_F(HttpRules, HostsAreComparedWithoutRegardToCaseAndUsersAreRefused) {
  options_.allowed_hosts = {"Model.Example"};
  const auto port = start();
  for (const char* host : {"LOCALHOST", "LocalHost:7707", "[0:0:0:0:0:0:0:1]:1", "model.example",
                           "MODEL.example:80"}) {
    EXPECT_EQ(status_for_host(port, host), 200) << host;
  }
  for (const char* host : {"user@localhost", "other.example", "localhost.", "model.example.evil"}) {
    EXPECT_EQ(status_for_host(port, host), 403) << host;
  }
  EXPECT_EQ(answer_to(port, "GET http://user@localhost/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .status,
            400);
}

TEST_F(HttpRules, TheAddressThatItListensOnIsAHostOfIts) {
  options_.address = "127.0.0.1";
  const auto port = start();
  EXPECT_EQ(status_for_host(port, "127.0.0.1:" + std::to_string(port)), 200);
  EXPECT_EQ(status_for_host(port, "127.0.0.2"), 403);
  options_.address = "::1";
  EXPECT_NO_THROW(start());
}

TEST_F(HttpRules, TheUnixSocketAsksForNoHost) {
  options_.unix_socket = testing::TempDir() + "rules." + std::to_string(::getpid()) + ".sock";
  start();
  Client client(options_.unix_socket.string());
  client.send("GET /v1/models HTTP/1.1\r\nHost: anything.example\r\n\r\n");
  EXPECT_EQ(read_answer(client).status, 200);
}

TEST_F(HttpRules, AnOpenAddressWithoutAKeyIsNotReachedByAnotherName) {
  options_.address = "0.0.0.0";
  options_.insecure = true;
  const auto port = start();
  EXPECT_EQ(status_for_host(port, "rebound.example"), 403);
  EXPECT_EQ(status_for_host(port, "127.0.0.1"), 200);
  EXPECT_EQ(status_for_host(port, "localhost"), 200);
}

TEST_F(HttpRules, PagesOfAllowedOriginsMayAskAndOthersMayNot) {
  options_.cors_origins = {"https://app.example"};
  const auto port = start();
  const std::string asks =
      "OPTIONS /v1/completions HTTP/1.1\r\nHost: localhost\r\n"
      "Access-Control-Request-Method: POST\r\nOrigin: ";
  const auto asked = answer_to(port, asks + "https://app.example\r\n\r\n");
  EXPECT_EQ(asked.status, 200);
  EXPECT_EQ(asked.headers.at("access-control-allow-origin"), "https://app.example");
  EXPECT_EQ(asked.headers.at("access-control-allow-methods"), "POST");
  EXPECT_EQ(answer_to(port, asks + "https://evil.example\r\n\r\n").status, 405);
  const std::string origin = "Origin: https://app.example\r\n";
  for (const char* stream : {"false", "true"}) {
    const auto answer = post(port, "/v1/completions",
                             request("a", 5, 1, ", \"stream\": " + std::string(stream)), origin);
    EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "https://app.example");
  }
  EXPECT_EQ(post(port, "/v1/completions", "{", origin).headers.at("access-control-allow-origin"),
            "https://app.example");
  EXPECT_FALSE(get(port, "/v1/models", "Origin: https://evil.example\r\n")
                   .headers.contains("access-control-allow-origin"));
}

TEST_F(HttpRules, TheBodiesOfAllClientsAreBoundedAndSmallOnesAlwaysFit) {
  const auto port = start();
  const std::string head =
      "POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Expect: 100-continue\r\nContent-Length: 1048576\r\n\r\n";
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 64; ++i) {
    clients.push_back(std::make_unique<Client>(port));
    clients.back()->send(head);
    EXPECT_EQ(clients.back()->read_line(), "HTTP/1.1 100 Continue\r\n");
  }
  EXPECT_EQ(answer_to(port, head).status, 429);
  EXPECT_EQ(post(port, "/v1/score", R"({"text": "a"})").status, 200);
}

class Keys : public HttpRules {
 protected:
  Keys() : file_(testing::TempDir() + "rules-keys." + std::to_string(::getpid())) {
    write("right\n");
    options_.api_key_file = file_;
  }
  ~Keys() override { std::filesystem::remove(file_); }
  void write(const std::string& keys) const {
    std::ofstream(file_) << keys;
    ::chmod(file_.c_str(), 0600);
  }
  std::string file_;
};

TEST_F(Keys, NoBodyIsReadBeforeItIsKnownWhoAsksForWhat) {
  const auto port = start();
  const std::string rest =
      "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n";
  const std::string key = "Authorization: bearer right\r\n";
  const auto refused = [&](const std::string& head) {
    Client client(port);
    client.send(head + rest);
    const auto answer = read_answer(client);
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(client.read_all(), "");
    return answer.status;
  };
  EXPECT_EQ(refused("POST /v1/score HTTP/1.1\r\nHost: localhost\r\n"), 401);
  EXPECT_EQ(refused("POST /v1/score HTTP/1.1\r\nHost: evil.example\r\n" + key), 403);
  EXPECT_EQ(refused("POST /nothing HTTP/1.1\r\nHost: localhost\r\n" + key), 404);
  EXPECT_EQ(refused("POST /health HTTP/1.1\r\nHost: localhost\r\n" + key), 405);
  Client welcome(port);
  welcome.send("POST /v1/score HTTP/1.1\r\nHost: localhost\r\n" + key + rest);
  EXPECT_EQ(welcome.read_line(), "HTTP/1.1 100 Continue\r\n");
}

TEST_F(Keys, ALineWithoutAKeyIsNotUnderstood) {
  const auto port = start();
  const auto code = [port](const std::string& line) {
    return std::string(
        objects(ask(port, line + "\n")).at(0).at("error").at("code").as_string().c_str());
  };
  EXPECT_EQ(code(R"({"key": "wrong", "prompt": )"), "invalid_key");
  EXPECT_EQ(code(R"({"prompt": {"key": "right"}})"), "invalid_key");
  EXPECT_EQ(code(R"({"prompt": ["key", "right"]})"), "invalid_key");
  EXPECT_EQ(code(R"({"key": "right", "prompt": )"), "invalid_json");
}

TEST_F(Keys, AReloadTakesNewKeysAndKeepsTheOldOnesWhenTheyCannotBeRead) {
  const auto port = start();
  const auto status = [port](const std::string& key) {
    return get(port, "/v1/models", "X-Api-Key: " + key + "\r\n").status;
  };
  EXPECT_EQ(status("right"), 200);
  write("newer\n");
  server_->reload();
  EXPECT_TRUE(soon([&] { return status("newer") == 200; }));
  EXPECT_EQ(status("right"), 401);
  std::filesystem::remove(file_);
  testing::internal::CaptureStderr();
  server_->reload();
  EXPECT_EQ(status("newer"), 200);
  server_->stop();
  EXPECT_NE(testing::internal::GetCapturedStderr().find("stay as they were"), std::string::npos);
}

TEST_F(HttpRules, AnObjectOfVeryManyMembersIsRefused) {
  const auto port = start();
  std::string body = R"({"prompt": "a", "max_tokens": 1)";
  for (int i = 0; i < 2000; ++i) body += ", \"m" + std::to_string(i) + "\": 0";
  EXPECT_EQ(code_of(post(port, "/v1/completions", body + "}")), "invalid_json");
  EXPECT_EQ(code_of(post(port, "/v1/completions",
                         R"({"prompt": "a", ")" + std::string(5000, 'k') + R"(": 0})")),
            "invalid_json");
}

TEST_F(HttpRules, EveryRequestIsToldWithItsIdWhenThatIsAskedFor) {
  options_.log = RequestLog::kText;
  const auto port = start();
  testing::internal::CaptureStderr();
  get(port, "/nothing?a=1", "X-Request-Id: mine\r\n");
  ask(port, request("a", 5, 1));
  server_->stop();
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_NE(told.find(" mine 127.0.0.1 GET /nothing?a=1 404 "), std::string::npos) << told;
  EXPECT_NE(told.find(" 127.0.0.1 LINE - 200 "), std::string::npos) << told;
}

TEST(RequestLog, ALineOfJsonHasWhatALineOfTextHas) {
  const LoggedRequest request{"req-1", "", "GET", "/\"", 200, 10, std::chrono::seconds(2)};
  EXPECT_EQ(log_line(RequestLog::kText, request, 0),
            "1970-01-01T00:00:00Z req-1 unix GET /\" 200 10B 2000ms");
  EXPECT_EQ(log_line(RequestLog::kJson, request, 0),
            R"({"time":"1970-01-01T00:00:00Z","id":"req-1","client":"unix","method":"GET",)"
            R"("target":"/\"","status":200,"bytes":10,"milliseconds":2000})");
}

}  // namespace
}  // namespace charrnn
