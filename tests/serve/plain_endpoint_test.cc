#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <thread>

#include "base/error.h"
#include "serve/plain_protocol.h"
#include "tests/serve/client.h"
#include "tests/serve/endpoint_fixture.h"
#include "tests/serve/small_model.h"

namespace charrnn {
namespace {

using PlainEndpoint = EndpointTest;

bool answered_whole(std::uint16_t port, const std::string& line) {
  const auto parts = objects(ask(port, line));
  return !parts.empty() && parts.back().contains("finish_reason");
}

TEST_F(PlainEndpoint, APromptLineIsAnsweredWithTextAndTheEnd) {
  const auto port = start();
  const std::string text = generated(*snapshot_, "once upon", 60, 11);
  EXPECT_EQ(ask(port, "once upon\n"), text);
  EXPECT_EQ(ask(port, "once upon\r\n"), text);
  EXPECT_EQ(ask(port, "once upon"), text);
  EXPECT_EQ(ask(port, "\n"), generated(*snapshot_, "", 60, 11));
}

TEST_F(PlainEndpoint, WhoSendsMoreThanALineGetsTheWholeAnswerAllTheSame) {
  const auto port = start();
  EXPECT_EQ(ask(port, "once\nupon\n" + std::string(10'000, 'x')),
            generated(*snapshot_, "once", 60, 11));
}

TEST_F(PlainEndpoint, ANewSeedIsDrawnWhenNoneIsGiven) {
  defaults_.seed.reset();
  const auto port = start();
  EXPECT_NE(ask(port, "once\n"), ask(port, "once\n"));
}

TEST_F(PlainEndpoint, AnUnknownCharacterIsNamedWithItsPosition) {
  const auto port = start();
  const std::string answer = ask(port, "on\u00e7e\n");
  EXPECT_TRUE(answer.starts_with("error: ")) << answer;
  EXPECT_NE(answer.find("\u00e7"), std::string::npos) << answer;
  EXPECT_NE(answer.find('3'), std::string::npos) << answer;
  EXPECT_EQ(std::count(answer.begin(), answer.end(), '\n'), 1);
  EXPECT_TRUE(ask(port, "a\xFF\n").starts_with("error: "));
}

TEST_F(PlainEndpoint, UnknownCharactersCanBeSkipped) {
  options_.unknown = UnknownCharacters::kSkip;
  const auto port = start();
  EXPECT_EQ(ask(port, "on\u00e7\u00dfce\n"), generated(*snapshot_, "once", 60, 11));
}

TEST_F(PlainEndpoint, UnknownCharactersCanBeReplaced) {
  options_.unknown = UnknownCharacters::kReplace;
  const auto port = start();
  EXPECT_EQ(ask(port, "on\u00e7e\n"), generated(*snapshot_, "on e", 60, 11));
}

TEST_F(PlainEndpoint, JsonLinesAreAnsweredOneAfterTheOther) {
  const auto port = start();
  Client client(port);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    client.send(request("once", 20, seed));
    std::string answer;
    while (answer.find("finish_reason") == std::string::npos) answer += client.read_line();
    const auto parts = objects(answer);
    EXPECT_EQ(text_of(parts), generated(*snapshot_, "once", 20, seed));
    EXPECT_EQ(parts.back().at("finish_reason"), "length");
    EXPECT_EQ(parts.back().at("prompt_tokens"), 4);
    EXPECT_EQ(parts.back().at("completion_tokens"), 20);
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      EXPECT_FALSE(parts[i].contains("finish_reason"));
    }
  }
}

TEST_F(PlainEndpoint, LinesSentAtOnceAreAllAnsweredAfterTheEndOfInput) {
  const auto port = start();
  const auto parts =
      objects(ask(port, request("a", 5, 1) + request("b", 5, 2) + request("c", 5, 3)));
  EXPECT_EQ(text_of(parts), generated(*snapshot_, "a", 5, 1) + generated(*snapshot_, "b", 5, 2) +
                                generated(*snapshot_, "c", 5, 3));
}

TEST_F(PlainEndpoint, AJsonMistakeIsAnErrorObjectAndTheConnectionGoesOn) {
  const auto port = start();
  const auto parts = objects(ask(
      port, "{\n{\"prompt\": \"A\"}\n{\"prompt\":\"a\",\"max_tokens\":-1}\n" + request("a", 5, 1)));
  EXPECT_EQ(parts.at(0).at("error").at("code"), "invalid_json");
  EXPECT_EQ(parts.at(1).at("error").at("param"), "prompt");
  EXPECT_EQ(parts.at(2).at("error").at("param"), "max_tokens");
  EXPECT_EQ(text_of(parts), generated(*snapshot_, "a", 5, 1));
}

TEST_F(PlainEndpoint, SeedsGiveTheSameTextAtAnyLoad) {
  const auto port = start();
  const std::string expected = generated(*snapshot_, "load", 80, 42);
  for (const int load : {1, 4, 16}) {
    std::vector<std::thread> neighbours;
    std::vector<std::string> texts(static_cast<std::size_t>(load));
    for (int i = 0; i < load; ++i) {
      neighbours.emplace_back([&, i] {
        if (i % 2 == 0) {
          texts[static_cast<std::size_t>(i)] = text_of(objects(ask(port, request("load", 80, 42))));
        } else {
          ask(port, request(std::string(static_cast<std::size_t>(i), 'z'), 100, 1));
        }
      });
    }
    for (auto& neighbour : neighbours) neighbour.join();
    for (int i = 0; i < load; i += 2) EXPECT_EQ(texts[static_cast<std::size_t>(i)], expected);
  }
}

TEST_F(PlainEndpoint, NewRequestsGetTheNewestWeightsAndOldStreamsKeepTheirs) {
  const auto port = start();
  Client old(port);
  old.send(request("swap", 3000, 5));
  std::string begun = old.read_line();
  const auto newer = small_snapshot(2);
  published_.store(newer);
  EXPECT_EQ(text_of(objects(ask(port, request("swap", 50, 5)))), generated(*newer, "swap", 50, 5));
  old.end_input();
  EXPECT_EQ(text_of(objects(begun + old.read_all())), generated(*snapshot_, "swap", 3000, 5));
}

TEST_F(PlainEndpoint, WithoutAModelTheAnswerSaysSo) {
  published_.store(nullptr);
  const auto port = start();
  EXPECT_TRUE(ask(port, "a\n").starts_with("error: there is no model yet"));
  EXPECT_EQ(objects(ask(port, request("a", 5, 1))).at(0).at("error").at("code"), "not_ready");
}

TEST_F(PlainEndpoint, ALineWithoutEndIsRefused) {
  const auto port = start();
  EXPECT_TRUE(ask(port, std::string(kLongestLine + 10, 'a')).starts_with("error: a line has more"));
  EXPECT_EQ(objects(ask(port, "{" + std::string(kLongestLine, 'a'))).at(0).at("error").at("code"),
            "line_too_long");
}

TEST_F(PlainEndpoint, AClientThatLeftFreesItsPlace) {
  options_.max_live = 1;
  options_.max_queued = 0;
  const auto port = start();
  for (const bool politely : {false, true}) {
    Client first(port);
    first.send(request("a", 100'000, 1));
    first.read_line();
    EXPECT_EQ(objects(ask(port, request("b", 5, 1))).at(0).at("error").at("code"), "overloaded");
    politely ? first.close() : first.reset();
    EXPECT_TRUE(soon([&] { return answered_whole(port, request("b", 5, 1)); },
                     std::chrono::milliseconds(5000)));
  }
}

TEST_F(PlainEndpoint, AClientThatDoesNotReadHoldsUpNobodyAndLosesNothing) {
  const auto port = start();
  Client slow(port, 4096);
  slow.send(request("slow", 100'000, 1));
  slow.end_input();
  EXPECT_EQ(text_of(objects(ask(port, request("quick", 500, 2)))),
            generated(*snapshot_, "quick", 500, 2));
  const auto parts = objects(slow.read_all());
  EXPECT_EQ(text_of(parts), generated(*snapshot_, "slow", 100'000, 1));
}

TEST_F(PlainEndpoint, AClientThatNeverReadsIsCutOff) {
  options_.send_seconds = 0.3;
  options_.max_live = 1;
  options_.max_queued = 0;
  // Wider than all socket buffers together.
  snapshot_ = byte_snapshot(1);
  published_.store(snapshot_);
  const auto port = start();
  Client never(port, 4096);
  never.send(request("a", 100'000, 1) + request("a", 100'000, 1) + request("a", 100'000, 1) +
             request("a", 100'000, 1) + request("a", 100'000, 1) + request("a", 100'000, 1));
  EXPECT_TRUE(
      soon([&] { return answered_whole(port, request("b", 5, 1)); }, std::chrono::seconds(20)));
}

TEST_F(PlainEndpoint, WhoSaysNothingIsCutOff) {
  options_.header_seconds = 0.2;
  const auto port = start();
  Client silent(port);
  silent.send("no newline");
  EXPECT_EQ(silent.read_all(), "");
}

TEST_F(PlainEndpoint, StopEndsEveryStreamWithAReason) {
  options_.drain_seconds = 1;
  // Too wide to end by itself in that time.
  published_.store(small_snapshot(1, 512));
  const auto port = start();
  std::vector<std::unique_ptr<Client>> clients;
  for (std::uint64_t i = 0; i < 16; ++i) {
    clients.push_back(std::make_unique<Client>(port));
    clients.back()->send(request("a", 100'000, i));
    clients.back()->read_line();
  }
  Client idle(port);
  std::vector<std::thread> readers;
  std::vector<std::string> answers(clients.size());
  for (std::size_t i = 0; i < clients.size(); ++i) {
    readers.emplace_back([&, i] { answers[i] = clients[i]->read_all(); });
  }
  const auto begin = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  for (auto& reader : readers) reader.join();
  for (const auto& answer : answers) {
    const auto parts = objects(answer);
    ASSERT_FALSE(parts.empty());
    EXPECT_EQ(parts.back().at("error").at("code"), "shutting_down");
  }
  EXPECT_THROW(Client{port}, std::runtime_error);
}

TEST_F(PlainEndpoint, AStreamThatCanEndInTimeEndsByItselfWhenTheServerStops) {
  const auto port = start();
  Client client(port);
  client.send(request("a", 2000, 1));
  std::string answer = client.read_line();
  std::thread stopper([this] { server_->stop(); });
  answer += client.read_all();
  stopper.join();
  EXPECT_EQ(text_of(objects(answer)), generated(*snapshot_, "a", 2000, 1));
}

TEST_F(PlainEndpoint, APortInUseIsAnErrorThatSaysWhatToDo) {
  options_.port = start();
  try {
    Server second(options_, defaults_, published_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBind);
    EXPECT_NE(std::string(error.what()).find("127.0.0.1:" + std::to_string(options_.port)),
              std::string::npos);
    EXPECT_NE(std::string(error.what()).find("serve.port"), std::string::npos);
  }
}

TEST_F(PlainEndpoint, AUnixSocketAnswersThisUserAloneAndIsTakenAway) {
  const std::string file = testing::TempDir() + "charrnn." + std::to_string(::getpid()) + ".sock";
  options_.unix_socket = file;
  start();
  EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms(077),
            std::filesystem::perms::none);
  {
    Client client(file);
    client.send("once\n");
    EXPECT_EQ(client.read_all(), generated(*snapshot_, "once", 60, 11));
  }
  EXPECT_THROW(Server(options_, defaults_, published_), Error);
  server_->stop();
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(PlainEndpoint, AnAddressThatOthersReachIsRefused) {
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1", "nonsense"}) {
    options_.address = address;
    EXPECT_THROW(start(), Error) << address;
  }
}

TEST_F(PlainEndpoint, RandomBytesHurtNobody) {
  options_.header_seconds = 0.3;
  defaults_.length = 3;
  const auto port = start();
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    std::string bytes(random() % 400, ' ');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (i % 3 == 0) bytes.insert(0, "{\"prompt\": \"a\", ");
    Client client(port);
    client.send(bytes);
    if (i % 2 == 0) client.end_input();
    if (i % 5 == 0)
      client.reset();
    else if (i % 2 == 0)
      client.read_all();
  }
  const std::string expected = generated(*snapshot_, "a", 5, 1);
  EXPECT_TRUE(soon([&] { return text_of(objects(ask(port, request("a", 5, 1)))) == expected; }));
}

}  // namespace
}  // namespace charrnn
