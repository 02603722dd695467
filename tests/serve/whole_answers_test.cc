// An answer is whole, or nobody can take it for one: clients that end their input, leave, read
// slowly or not at all, and a server that stops meanwhile.
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "tests/serve/endpoint_fixture.h"
#include "tests/serve/http_client.h"

namespace charrnn {
namespace {

class WholeAnswers : public EndpointTest {
 protected:
  static constexpr int kSmallBuffer = 4096;
  static constexpr std::uint64_t kMany = 20'000;

  // What no client can read before it takes time: more than the kernel's buffers hold.
  std::string long_request(const std::string& more = "") {
    return post_bytes("/v1/completions", request("a", kMany, 1, R"(, "logprobs": 5)" + more));
  }

  static std::uint64_t value(std::uint16_t port, const std::string& name) {
    const std::string metrics = get(port, "/metrics").body;
    return std::stoul(metrics.substr(metrics.find('\n' + name + ' ') + name.size() + 2));
  }

  bool place_is_free(std::uint16_t port) {
    return soon([&] { return post(port, "/v1/completions", request("b", 5, 1)).status == 200; });
  }
};

std::string text_of_choice(const HttpAnswer& answer) {
  return answer.json().at("choices").at(0).at("text").as_string().c_str();
}

TEST_F(WholeAnswers, WhoEndsItsInputGetsAllOfTheAnswer) {
  const auto port = start();
  {
    Client client(port);
    client.send(post_bytes("/v1/completions", request("once", 20'000, 7)));
    client.end_input();
    const auto answer = read_answer(client);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(text_of_choice(answer), generated(*snapshot_, "once", 20'000, 7));
    EXPECT_EQ(client.read_all(), "");
  }
  {
    Client client(port);
    client.send(post_bytes("/v1/completions", request("once", 20'000, 7, R"(, "stream": true)")));
    client.end_input();
    EXPECT_EQ(read_answer(client).events().back(), "[DONE]");
  }
  {
    Client client(port);
    client.send(post_bytes("/v1/score", R"({"text": ")" + std::string(20'000, 'a') + "\"}"));
    client.end_input();
    EXPECT_EQ(read_answer(client).json().at("characters"), 20'000);
  }
}

TEST_F(WholeAnswers, WhoLeftFreesItsPlaceWhileItsTextIsMade) {
  options_.max_live = 1;
  options_.max_queued = 0;
  published_.store(small_snapshot(1, 512));
  const auto port = start();
  for (const char* stream : {"false", "true"}) {
    Client client(port);
    client.send(post_bytes("/v1/completions",
                           request("a", 100'000, 1, ", \"stream\": " + std::string(stream))));
    ASSERT_TRUE(soon([&] { return value(port, "charrnn_requests_processing") == 1; }));
    client.close();
    EXPECT_TRUE(place_is_free(port)) << stream;
  }
}

// 8 x 3 MB of JSON; one of them is read in the end.
TEST_F(WholeAnswers, UnreadAnswersWithScoresHoldLittleMemory) {
  options_.send_seconds = 60;
  const auto port = start();
  const auto memory = [] {
    std::ifstream status("/proc/self/status");
    std::size_t kilobytes = 0;
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) kilobytes = std::stoul(line.substr(6));
    }
    return kilobytes;
  };
  EXPECT_EQ(post(port, "/v1/completions", request("a", 2000, 1, R"(, "logprobs": 5)")).status, 200);
  const std::size_t before = memory();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Client>(port, kSmallBuffer));
    clients.back()->send(long_request());
  }
  // An answer is counted when its first byte leaves.
  ASSERT_TRUE(soon(
      [&] {
        const std::string metrics = get(port, "/metrics").body;
        const auto at = metrics.find("charrnn_answers_sending 8\n");
        return at != std::string::npos;
      },
      std::chrono::seconds(120)));
  EXPECT_LT(memory(), before + 24U * 1024);
  const auto answer = read_answer(*clients.back());
  EXPECT_EQ(answer.json().at("choices").at(0).at("logprobs").at("tokens").as_array().size(), kMany);
}

TEST_F(WholeAnswers, AllClientsTogetherHoldABoundedAmountAndSmallAnswersAlwaysFit) {
  const auto port = start();
  std::vector<std::unique_ptr<Client>> clients;
  bool refused = false;
  for (int i = 0; i < 40 && !refused; ++i) {
    clients.push_back(std::make_unique<Client>(port, kSmallBuffer));
    clients.back()->send(
        post_bytes("/v1/completions", request("a", 100'000, 1, R"(, "logprobs": 5)")));
    const auto held = value(port, "charrnn_held_bytes");
    EXPECT_LE(held, std::uint64_t{1} << 30);
    refused = std::uint64_t{40} << 20 > (std::uint64_t{1} << 30) - held;
  }
  const auto large = post(port, "/v1/completions", request("a", 100'000, 1, R"(, "logprobs": 5)"));
  EXPECT_EQ(large.status, 429);
  EXPECT_EQ(large.headers.at("retry-after"), "1");
  EXPECT_EQ(post(port, "/v1/completions", request("a", 200, 1)).status, 200);
}

// The texts of one request share what their client may leave unread.
TEST_F(WholeAnswers, ManyUnreadTextsOfOneClientHoldNoMoreThanOne) {
  options_.send_seconds = 60;
  const auto port = start();
  Client client(port, kSmallBuffer);
  client.send(post_bytes("/v1/completions",
                         R"({"prompt": ["a", "b", "c", "d"], "n": 4, "max_tokens": 20000, )"
                         R"("stream": true})"));
  ASSERT_TRUE(
      soon([&] { return value(port, "charrnn_requests_parked") == 16; }, std::chrono::seconds(60)));
  EXPECT_LE(value(port, "charrnn_generated_chars_total"), 64U * 1024 + 2 * kSmallBuffer);
}

TEST_F(WholeAnswers, ASteadyReaderGetsAnAnswerThatTakesLongerThanTheLimit) {
  options_.send_seconds = 0.3;
  const auto port = start();
  Client client(port, kSmallBuffer);
  client.send(post_bytes("/v1/completions", request("a", 20'000, 1, R"(, "logprobs": 5)"),
                         "Connection: close\r\n"));
  std::string begun = client.read_exactly(1024);
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < std::chrono::seconds(1)) {
    begun += client.read_exactly(16 * 1024);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const std::string rest = client.read_all();
  EXPECT_FALSE(rest.empty());
  EXPECT_TRUE((begun + rest).ends_with('}'));
}

TEST_F(WholeAnswers, AnAnswerThatNobodyReadsIsCutWithAReset) {
  options_.send_seconds = 0.2;
  defaults_.length = 100'000;
  const auto port = start();
  for (const std::string& bytes : {long_request(), std::string("a\n")}) {
    Client client(port, kSmallBuffer);
    client.send(bytes);
    ASSERT_TRUE(soon([&] { return value(port, "charrnn_connections") == 2; }));
    ASSERT_TRUE(
        soon([&] { return value(port, "charrnn_connections") == 1; }, std::chrono::seconds(30)));
    client.read_all();
    EXPECT_TRUE(client.was_reset()) << bytes.substr(0, 4);
  }
}

TEST_F(WholeAnswers, ASteadyBodyIsTakenHoweverLongItTakesAndAStalledOneIsNot) {
  options_.body_seconds = options_.header_seconds = 0.4;
  const auto port = start();
  const std::string body = request("once", 5, 1) + std::string(40'000, ' ');
  const std::string bytes = post_bytes("/v1/completions", body);
  Client steady(port);
  for (std::size_t at = 0; at < bytes.size(); at += 1000) {
    steady.send(bytes.substr(at, 1000));
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  EXPECT_EQ(read_answer(steady).status, 200);
  Client stalled(port);
  stalled.send(bytes.substr(0, bytes.size() - 10));
  EXPECT_EQ(stalled.read_all(), "");
}

TEST_F(WholeAnswers, AScoreThatTakesTooLongIsATimeoutAndAStoppedOneIsUnavailable) {
  options_.drain_seconds = 2;
  published_.store(small_snapshot(1, 1024));
  const std::string text = R"({"text": ")" + std::string(60'000, 'a') + "\"}";
  options_.request_seconds = 0.1;
  auto port = start();
  const auto late = post(port, "/v1/score", text);
  EXPECT_EQ(late.status, 408);
  EXPECT_EQ(late.json().at("error").at("code"), "request_timeout");
  server_.reset();
  options_.request_seconds = 60;
  port = start();
  Client client(port);
  client.send(post_bytes("/v1/score", text));
  ASSERT_TRUE(soon([&] { return value(port, "charrnn_requests_processing") == 1; }));
  std::thread stopper([&] { server_->stop(); });
  const auto stopped = read_answer(client);
  stopper.join();
  EXPECT_EQ(stopped.status, 503);
  EXPECT_EQ(stopped.json().at("error").at("code"), "shutting_down");
}

TEST_F(WholeAnswers, AStopWaitsForAnAnswerThatIsBeingRead) {
  options_.drain_seconds = 60;
  const auto port = start();
  Client client(port, kSmallBuffer);
  client.send(long_request());
  client.read_exactly(100);
  std::thread stopper([&] { server_->stop(); });
  ASSERT_TRUE(soon([&] {
    try {
      return !Client(port).read_exactly(1).empty();
    } catch (const std::runtime_error&) {
      return true;  // nobody listens any more: the stop has begun
    }
  }));
  const std::string rest = client.read_all();
  stopper.join();
  EXPECT_TRUE(rest.ends_with('}'));
  EXPECT_FALSE(client.was_reset());
}

// Until nobody listens any more.
void keep_doing(const std::function<void()>& what) {
  try {
    while (true) what();
  } catch (const std::exception&) {
    // Refused: the server has stopped.
  }
}

TEST_F(WholeAnswers, AStopDoesNotWaitForSilentClientsHoweverLateTheyCome) {
  options_.header_seconds = options_.drain_seconds = 60;
  for (int run = 0; run < 20; ++run) {
    const auto port = start();
    std::vector<std::unique_ptr<Client>> silent;
    std::thread late(
        [&] { keep_doing([&] { silent.push_back(std::make_unique<Client>(port)); }); });
    std::thread busy([&] { keep_doing([&] { get(port, "/v1/models"); }); });
    ASSERT_TRUE(soon([&] { return value(port, "charrnn_connections") > 3; }));
    std::atomic<bool> ended = false;
    std::thread stopper([&] {
      server_->stop();
      ended = true;
    });
    late.join();
    busy.join();
    EXPECT_TRUE(soon([&] { return ended.load(); }, std::chrono::seconds(30))) << run;
    silent.clear();
    stopper.join();
  }
}

}  // namespace
}  // namespace charrnn
