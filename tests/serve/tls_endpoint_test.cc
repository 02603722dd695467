// The endpoint behind a certificate: both protocols in TLS, and who comes without it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <csignal>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "base/error.h"
#include "serve/documents.h"
#include "tests/serve/certificate.h"
#include "tests/serve/endpoint_fixture.h"
#include "tests/serve/http_client.h"
#include "tests/serve/tls_client.h"

namespace charrnn {
namespace {

class TlsEndpoint : public EndpointTest {
 protected:
  TlsEndpoint() {
    options_.certificate = files_.certificate();
    options_.private_key = files_.key();
    // A client of OpenSSL writes to sockets that the server may have closed.
    std::signal(SIGPIPE, SIG_IGN);
  }

  TlsClient client(std::uint16_t port, int version = 0) {
    return {port, files_.certificate(), version};
  }

  /// Why the server does not start.
  std::string refusal() {
    try {
      start();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kConfig);
      return error.what();
    }
    return "it started";
  }

  TestCertificate files_{"tls"};
};

TEST_F(TlsEndpoint, APlainLineIsAnsweredAndTheEndOfInputDoesNotEndTheAnswer) {
  const auto port = start();
  TlsClient client = this->client(port);
  client.send("once\n");
  client.end_input();
  EXPECT_EQ(client.read_all(), generated(*snapshot_, "once", 60, 11));
}

TEST_F(TlsEndpoint, JsonLinesFollowOneAnother) {
  const auto port = start();
  TlsClient client = this->client(port);
  for (int seed = 1; seed < 4; ++seed) {
    client.send(request("once", 20, static_cast<std::uint64_t>(seed)));
    std::string lines;
    while (lines.find("finish_reason") == std::string::npos) lines += client.read_line();
    EXPECT_EQ(text_of(objects(lines)),
              generated(*snapshot_, "once", 20, static_cast<std::uint64_t>(seed)));
  }
}

TEST_F(TlsEndpoint, HttpAnswersWholeAndAsAStreamOnOneConnection) {
  const auto port = start();
  TlsClient client = this->client(port);
  client.send(post_bytes("/v1/completions", request("once", 30, 7)));
  const auto whole = read_answer(client);
  EXPECT_EQ(whole.json().at("choices").at(0).at("text").as_string().c_str(),
            generated(*snapshot_, "once", 30, 7));
  client.send(post_bytes("/v1/completions", request("once", 30, 7, R"(, "stream": true)")));
  const auto events = read_answer(client).events();
  ASSERT_GE(events.size(), 2U);
  EXPECT_EQ(events.back(), "[DONE]");
}

TEST_F(TlsEndpoint, ALongTextArrivesWhole) {
  const auto port = start();
  TlsClient client = this->client(port);
  client.send(request("once", 40'000, 3));
  std::string lines;
  while (lines.find("finish_reason") == std::string::npos) lines += client.read_line();
  EXPECT_EQ(text_of(objects(lines)), generated(*snapshot_, "once", 40'000, 3));
}

TEST_F(TlsEndpoint, OnlyNewVersionsAreSpoken) {
  const auto port = start();
  EXPECT_EQ(client(port).version(), "TLSv1.3");
  EXPECT_EQ(client(port, TLS1_2_VERSION).version(), "TLSv1.2");
  EXPECT_THROW(client(port, TLS1_1_VERSION), std::runtime_error);
}

TEST_F(TlsEndpoint, WhoDoesNotSpeakItIsToldInHisOwnWords) {
  const auto port = start();
  EXPECT_TRUE(ask(port, "once\n").starts_with("error: this port speaks TLS"));
  const auto answer = get(port, "/health");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.json().at("error").at("code"), "tls_required");
}

TEST_F(TlsEndpoint, ASlowOrBrokenHandshakeIsCutOffAndHurtsNobody) {
  options_.header_seconds = 0.3;
  const auto port = start();
  Client silent(port);
  Client half(port);
  half.send(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
  Client wrong(port);
  wrong.send(std::string_view("\x16\x03\x01\x00\x05hello", 10));
  wrong.read_all();  // an alert, perhaps, and the end
  Client gone(port);
  gone.send("\x16");
  gone.reset();
  TlsClient idle = client(port);
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
  EXPECT_EQ(idle.read_all(), "");
  TlsClient good = client(port);
  good.send("once\n");
  EXPECT_EQ(good.read_all(), generated(*snapshot_, "once", 60, 11));
}

TEST_F(TlsEndpoint, ACutWithoutAWordIsAClientThatLeft) {
  published_.store(small_snapshot(1, 512));
  options_.unix_socket = testing::TempDir() + "tls." + std::to_string(::getpid()) + ".sock";
  const auto port = start();
  const auto live = [&] {
    Client plain(options_.unix_socket.string());
    plain.send(get_bytes("/props"));
    return read_answer(plain).json().at("live").as_int64();
  };
  {
    TlsClient leaving = client(port);
    leaving.send(request("once", 100'000, 1));
    leaving.read_exactly(20);
    EXPECT_EQ(live(), 1);
  }
  EXPECT_TRUE(soon([&] { return live() == 0; }));
}

TEST_F(TlsEndpoint, WhoSaysThatItSendsNoMoreGetsItsWholeAnswer) {
  const auto port = start();
  for (const char* stream : {"false", "true"}) {
    TlsClient client = this->client(port);
    client.send(post_bytes("/v1/completions",
                           request("once", 5000, 7, ", \"stream\": " + std::string(stream))));
    client.end_input();
    const auto answer = read_answer(client);
    EXPECT_EQ(answer.status, 200);
    if (answer.headers.contains("transfer-encoding")) {
      EXPECT_EQ(answer.events().back(), "[DONE]");
    } else {
      EXPECT_EQ(answer.json().at("choices").at(0).at("text").as_string().c_str(),
                generated(*snapshot_, "once", 5000, 7));
    }
  }
}

TEST_F(TlsEndpoint, AStopTellsEveryStream) {
  options_.drain_seconds = 1;
  published_.store(small_snapshot(1, 512));
  const auto port = start();
  TlsClient client = this->client(port);
  client.send(request("once", 100'000, 1));
  std::string lines = client.read_line();
  std::thread stop([&] { server_->stop(); });
  lines += client.read_all();
  stop.join();
  EXPECT_EQ(objects(lines).back().at("error").at("code"), "shutting_down");
}

TEST_F(TlsEndpoint, AReloadShowsANewCertificateToThoseWhoComeLater) {
  const auto port = start();
  TlsClient before = client(port);
  const TestCertificate newer("newer");
  std::filesystem::copy_file(newer.certificate(), files_.certificate(),
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::copy_file(newer.key(), files_.key(),
                             std::filesystem::copy_options::overwrite_existing);
  server_->reload();
  EXPECT_TRUE(soon([&] {
    try {
      TlsClient{port, newer.certificate()};
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  }));
  before.send("once\n");
  EXPECT_EQ(before.read_all(), generated(*snapshot_, "once", 60, 11));
}

TEST_F(TlsEndpoint, TheUnixSocketStaysPlain) {
  options_.unix_socket = testing::TempDir() + "tls." + std::to_string(::getpid()) + ".sock";
  start();
  Client client(options_.unix_socket.string());
  client.send("once\n");
  EXPECT_EQ(client.read_all(), generated(*snapshot_, "once", 60, 11));
}

// Every way in has the same doors: the routes are those of /openapi.json, so that a new one is
// here.
using Ask = std::function<std::unique_ptr<Client>()>;

TEST_F(TlsEndpoint, EveryRouteOverEveryWayInNeedsAKeyButTheOpenOnes) {
  const std::string keys = testing::TempDir() + "tls-keys." + std::to_string(::getpid());
  std::ofstream(keys) << "right\n";
  ::chmod(keys.c_str(), 0600);
  options_.api_key_file = keys;
  options_.unix_socket = testing::TempDir() + "tls." + std::to_string(::getpid()) + ".sock";
  const auto tls_port = start();
  ServeOptions plain = options_;
  plain.certificate.clear();
  plain.private_key.clear();
  plain.unix_socket.clear();
  const Server plain_server(plain, defaults_, published_);
  std::filesystem::remove(keys);
  const std::vector<Ask> ways{
      [&] { return std::make_unique<TlsClient>(tls_port, files_.certificate()); },
      [&] { return std::make_unique<Client>(plain_server.port()); },
      [&] { return std::make_unique<Client>(options_.unix_socket.string()); }};
  const std::set<std::string> open{"/health", "/v1/health", "/ready", "/"};
  const auto api =
      boost::json::parse(boost::json::string_view(openapi_json().data(), openapi_json().size()));
  for (const Ask& way : ways) {
    for (const auto& [path, methods] : api.at("paths").as_object()) {
      const bool posts = methods.as_object().contains("post");
      const std::string where(path);
      const auto status = [&](const std::string& key) {
        const std::string body = R"({"prompt": "a", "text": "a", "max_tokens": 1})";
        const auto client = way();
        client->send(posts ? post_bytes(where, body, key) : get_bytes(where, key));
        return read_answer(*client).status;
      };
      EXPECT_EQ(status("") == 401, !open.contains(where)) << where;
      EXPECT_EQ(status("X-Api-Key: wrong\r\n") == 401, !open.contains(where)) << where;
      EXPECT_NE(status("Authorization: Bearer right\r\n"), 401) << where;
    }
    const auto said = [&](const std::string& line) {
      const auto client = way();
      client->send(line);
      client->end_input();
      return client->read_all();
    };
    EXPECT_TRUE(said("a\n").starts_with("error: "));
    EXPECT_EQ(objects(said(request("a", 1, 1))).at(0).at("error").at("code"), "invalid_key");
    EXPECT_EQ(text_of(objects(said(request("a", 5, 1, R"(, "key": "right")")))),
              generated(*snapshot_, "a", 5, 1));
  }
}

TEST_F(TlsEndpoint, WhatCannotBeUsedIsNamedAtTheStart) {
  const TestCertificate other("other");
  options_.private_key = other.key();
  EXPECT_NE(refusal().find("is not the key of serve.certificate"), std::string::npos) << refusal();
  options_.private_key = files_.certificate();
  ::chmod(files_.certificate().c_str(), 0600);
  EXPECT_NE(refusal().find("is no private key in PEM"), std::string::npos) << refusal();
  options_.private_key = "/nowhere/key";
  EXPECT_NE(refusal().find("/nowhere/key cannot be read"), std::string::npos) << refusal();
  options_.private_key.clear();
  EXPECT_NE(refusal().find("needs both"), std::string::npos) << refusal();
  options_.private_key = files_.key();
  options_.certificate = files_.key();
  EXPECT_NE(refusal().find("is no certificate in PEM"), std::string::npos) << refusal();
  options_.certificate = files_.certificate();
  ::chmod(files_.key().c_str(), 0644);
  EXPECT_NE(refusal().find("is open to everybody"), std::string::npos) << refusal();
  ::chmod(files_.key().c_str(), 0600);
  std::ofstream(files_.key()) << "-----BEGIN ENCRYPTED PRIVATE KEY-----\n";
  EXPECT_NE(refusal().find("has a pass phrase"), std::string::npos) << refusal();
}

}  // namespace
}  // namespace charrnn
