// The program as a server on loopback: after a training, and while one runs.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

// A socket that is connected to the port, to be closed by whoever asked for it.
int connected(int port) {
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return connection;
}

// Sends a line as `echo LINE | nc -N` does, and returns all that comes back.
std::string ask(int port, const std::string& line) {
  const int connection = connected(port);
  const std::string request = line + "\n";
  EXPECT_EQ(send(connection, request.data(), request.size(), 0),
            static_cast<ssize_t>(request.size()));
  shutdown(connection, SHUT_WR);
  std::string answer;
  char buffer[4096];
  for (ssize_t n = 0; (n = recv(connection, buffer, sizeof buffer, 0)) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(n));
  }
  close(connection);
  return answer;
}

// Processor time that a process has taken, in ticks.
long ticks_of(pid_t process) {
  std::string stat = read_file("/proc/" + std::to_string(process) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return user + system;
}

// The text of a JSON answer: how many objects it comes in depends on the client's speed.
std::string text_of(const std::string& answer) {
  static const std::regex objects(R"x("text": ?"((?:[^"\\]|\\.)*)")x");
  std::string text;
  for (std::sregex_iterator at(answer.begin(), answer.end(), objects), end; at != end; ++at) {
    text += (*at)[1];
  }
  EXPECT_FALSE(text.empty()) << answer;
  return text;
}

class EndpointCommandTest : public ::testing::Test {
 protected:
  std::vector<std::string> with(const std::string& command, std::vector<std::string> more = {}) {
    std::vector<std::string> all{command,
                                 "--config",
                                 CHARRNN_SOURCE_DIR "/configs/tiny.ini",
                                 "--run.directory=" + (directory.path() / "run").string(),
                                 "--serve.port=0",
                                 "--generate.length=120"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static int port_of(const Program& program) {
    std::smatch found;
    std::string told;
    EXPECT_TRUE(program.wait_until([&] {
      told = program.err();
      return std::regex_search(told, found, std::regex("serving[^\n]* port ([0-9]+)"));
    }));
    return found.empty() ? 0 : std::stoi(found[1]);
  }

  TemporaryDirectory directory;
};

TEST_F(EndpointCommandTest, ServesTheNewestCheckpointToSeveralClientsUntilItIsToldToStop) {
  ASSERT_EQ(run_program(with("train", {"--train.max_steps=30"})).code, 0);
  const auto trace = directory.path() / "trace.json";
  Program server(with("serve", {"--run.trace=" + trace.string()}));
  const int port = port_of(server);
  std::vector<std::string> answers(4);
  std::vector<std::thread> clients;
  for (auto& answer : answers) clients.emplace_back([&] { answer = ask(port, "The "); });
  for (auto& client : clients) client.join();
  for (const auto& answer : answers) EXPECT_GE(answer.size(), 120U) << answer;
  const std::string request = R"({"prompt": "The ", "max_tokens": 40, "seed": 3})";
  const std::string answer = ask(port, request);
  EXPECT_EQ(text_of(ask(port, request)), text_of(answer));
  EXPECT_NE(answer.find(R"("finish_reason")"), std::string::npos) << answer;
  EXPECT_EQ(ask(port, "\xE2\x82\xAC").substr(0, 6), "error:");
  server.signal(SIGTERM);
  EXPECT_EQ(server.finish().code, 0);
  for (const char* traced : {"engine step", "request", "endpoint"}) {
    EXPECT_NE(read_file(trace).find("\"" + std::string(traced) + "\""), std::string::npos)
        << traced;
  }
}

TEST_F(EndpointCommandTest, AServerFollowsItsRunAndAnswersWithAChosenCheckpoint) {
  ASSERT_EQ(run_program(with("train", {"--train.max_steps=30"})).code, 0);
  Program server(with("serve"));
  const int port = port_of(server);
  const auto asked = [port](const std::string& model) {
    return ask(port,
               R"({"prompt": "The ", "max_tokens": 40, "seed": 3, "model": ")" + model + "\"}");
  };
  const std::string before = text_of(asked("charrnn"));
  ASSERT_EQ(run_program(with("train", {"--train.max_steps=60"})).code, 0);
  EXPECT_TRUE(server.wait_until(
      [&] { return server.err().find("now serving step 60") != std::string::npos; }));
  EXPECT_NE(text_of(asked("charrnn")), before);
  EXPECT_EQ(text_of(asked("charrnn@30")), before);
  EXPECT_NE(asked("charrnn@31").find("model_not_found"), std::string::npos);
  EXPECT_NE(asked("other").find("model_not_found"), std::string::npos);
  server.signal(SIGTERM);
  EXPECT_EQ(server.finish().code, 0);
}

TEST_F(EndpointCommandTest, AHangUpMakesAServerReadItsKeysAnewAndGoOn) {
  ASSERT_EQ(run_program(with("train", {"--train.max_steps=5"})).code, 0);
  const auto keys = directory.path() / "keys";
  const auto write_key = [&](const std::string& key) {
    std::ofstream(keys) << key << "\n";
    std::filesystem::permissions(
        keys, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  };
  write_key("first");
  Program server(with("serve", {"--serve.api_key_file=" + keys.string()}));
  const int port = port_of(server);
  const auto accepts = [port](const std::string& key) {
    const std::string line = R"({"prompt": "The ", "max_tokens": 5, "key": ")" + key + "\"}";
    return ask(port, line).find("finish_reason") != std::string::npos;
  };
  EXPECT_TRUE(accepts("first"));
  write_key("second");
  server.signal(SIGHUP);
  EXPECT_TRUE(server.wait_until([&] { return accepts("second"); }));
  EXPECT_FALSE(accepts("first"));
  server.signal(SIGTERM);
  EXPECT_EQ(server.finish().code, 0);
}

TEST_F(EndpointCommandTest, AnswersWhileTheTrainingGoesOnAndAfterItHasEnded) {
  Program program(
      with("run", {"--train.max_steps=400", "--train.epochs=100", "--model.hidden=96"}));
  const int port = port_of(program);
  EXPECT_GE(ask(port, "The ").size(), 120U);
  EXPECT_TRUE(program.wait_until(
      [&] { return program.err().find("training has ended") != std::string::npos; }));
  EXPECT_GE(ask(port, "The ").size(), 120U);
  program.signal(SIGTERM);
  const Finished done = program.finish();
  EXPECT_EQ(done.code, 0) << done.err;
}

TEST_F(EndpointCommandTest, ClientsThatTakeEveryFileHurtNeitherTheTrainingNorThoseThatFollow) {
  constexpr int kFiles = 64;
  Program program(with("run", {"--train.max_steps=200", "--train.epochs=100",
                               "--checkpoint.every_steps=20", "--serve.header_seconds=600"}),
                  "ulimit -n " + std::to_string(kFiles) + "; exec \"$0\" \"$@\"");
  const int port = port_of(program);
  std::vector<int> silent;
  for (int i = 0; i < 2 * kFiles; ++i) silent.push_back(connected(port));
  ASSERT_TRUE(program.wait_until(
      [&] { return program.err().find("training has ended") != std::string::npos; }));
  const long before = ticks_of(program.pid());
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_LT(ticks_of(program.pid()) - before, sysconf(_SC_CLK_TCK) / 5);  // of a core
  for (const int connection : silent) close(connection);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_GE(ask(port, "The ").size(), 120U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  program.signal(SIGTERM);
  const Finished done = program.finish();
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.err.find("was not written"), std::string::npos) << done.err;
}

TEST_F(EndpointCommandTest, APortInUseIsABindErrorThatNamesIt) {
  ASSERT_EQ(run_program(with("train", {"--train.max_steps=5"})).code, 0);
  Program server(with("serve"));
  const int port = port_of(server);
  const Finished second = run_program(with("serve", {"--serve.port=" + std::to_string(port)}));
  EXPECT_EQ(second.code, 9);
  EXPECT_NE(second.err.find(std::to_string(port)), std::string::npos) << second.err;
}

// The number behind a key of a JSON text.
double number_of(const std::string& json, const std::string& key) {
  std::smatch found;
  EXPECT_TRUE(std::regex_search(json, found, std::regex("\"" + key + "\": ?([-+.eE0-9]+)")))
      << json;
  return found.empty() ? 0.0 : std::stod(found[1]);
}

TEST_F(EndpointCommandTest, EvaluateOfATextAgreesWithTheEndpointsScoreOfIt) {
  ASSERT_EQ(run_program(with("train", {"--train.max_steps=60"})).code, 0);
  const std::string text = "The house of the\nother one\n\nand the last one of them";
  const auto file = directory.path() / "text.txt";
  std::ofstream(file) << text;
  const Finished done = run_program(with("evaluate", {"--evaluate.files=" + file.string()}));
  ASSERT_EQ(done.code, 0) << done.err;
  Program server(with("serve"));
  const std::string body =
      "{\"text\": \"" + std::regex_replace(text, std::regex("\n"), "\\n") + "\"}";
  const std::string answer = ask(port_of(server),
                                 "POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                                 "application/json\r\nConnection: close\r\nContent-Length: " +
                                     std::to_string(body.size()) + "\r\n\r\n" + body);
  const double scored = static_cast<double>(text.size() - 1);
  EXPECT_EQ(number_of(done.out, "characters"), scored);
  EXPECT_NEAR(number_of(done.out, "loss"), number_of(answer, "nats") / scored, 1e-4);
}

}  // namespace
}  // namespace charrnn
