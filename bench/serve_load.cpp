// Clients of a running endpoint on the loopback, made so that they take little of the cores.
//
//   serve_load PORT streams N SECONDS
//     N texts read at once: their sum, and the slowest's share of the mean
//   serve_load PORT first N PROMPT
//     N single requests one after the other: time to the first byte
//   serve_load PORT idle N
//     opens N connections, prints a line, and waits for the end of its input
//
// Streams are plain lines, so generate.length of the server has to last for the whole time, and
// its alphabet should be ASCII: a byte counts as a character.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPoll{20};
constexpr double kWarmUpSeconds = 0.5;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

int connected(int port) {
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (client < 0 || connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    fail("serve_load: connect");
  }
  const int yes = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return client;
}

void send_all(int client, const std::string& bytes) {
  if (send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(bytes.size())) {
    fail("serve_load: send");
  }
}

/// Takes what has come; returns how many bytes.
std::uint64_t take(int client) {
  static std::vector<char> bytes(1 << 18);
  const ssize_t size = recv(client, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size == 0) {
    std::fprintf(stderr, "serve_load: a text ended; raise generate.length of the server\n");
    std::exit(1);
  }
  if (size < 0 && errno != EAGAIN) fail("serve_load: recv");
  return size > 0 ? static_cast<std::uint64_t>(size) : 0;
}

/// Reads all clients every 20 ms until `done`.
template <typename Done>
void read_until(const std::vector<int>& clients, std::vector<std::uint64_t>& read, Done done) {
  while (!done()) {
    std::this_thread::sleep_for(kPoll);
    for (std::size_t i = 0; i < clients.size(); ++i) read[i] += take(clients[i]);
  }
}

void measure_streams(int port, int count, double seconds) {
  std::vector<int> clients;
  for (int i = 0; i < count; ++i) clients.push_back(connected(port));
  for (const int client : clients) send_all(client, "\n");
  std::vector<std::uint64_t> read(clients.size());
  const auto all_write = [&] { return std::find(read.begin(), read.end(), 0U) == read.end(); };
  read_until(clients, read, all_write);
  const auto warm = Clock::now();
  read_until(clients, read, [&] { return seconds_since(warm) > kWarmUpSeconds; });
  std::fill(read.begin(), read.end(), 0);
  const auto begin = Clock::now();
  read_until(clients, read, [&] { return seconds_since(begin) > seconds; });
  const double sum = std::accumulate(read.begin(), read.end(), 0.0);
  std::printf("{\"streams\": %d, \"chars_per_second\": %.1f, \"slowest_over_mean\": %.4f}\n", count,
              sum / seconds_since(begin),
              static_cast<double>(*std::min_element(read.begin(), read.end())) * count / sum);
}

void measure_first_byte(int port, int count, const std::string& prompt) {
  const std::string request = R"({"max_tokens": 1, "prompt": ")" + prompt + "\"}\n";
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const auto begin = Clock::now();
    const int client = connected(port);
    send_all(client, request);
    char byte = 0;
    if (recv(client, &byte, 1, 0) != 1) fail("serve_load: recv");
    times.push_back(1000.0 * seconds_since(begin));
    close(client);
    std::this_thread::sleep_for(kPoll);
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
  };
  std::printf("{\"requests\": %d, \"median_ms\": %.3f, \"p99_ms\": %.3f, \"worst_ms\": %.3f}\n",
              count, at(0.5), at(0.99), times.back());
}

void hold_idle(int port, int count) {
  for (int i = 0; i < count; ++i) connected(port);
  std::printf("{\"idle\": %d}\n", count);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[2] : "";
  if (argc == 5 && mode == "streams") {
    measure_streams(std::atoi(argv[1]), std::atoi(argv[3]), std::atof(argv[4]));
  } else if (argc == 5 && mode == "first") {
    measure_first_byte(std::atoi(argv[1]), std::atoi(argv[3]), argv[4]);
  } else if (argc == 4 && mode == "idle") {
    hold_idle(std::atoi(argv[1]), std::atoi(argv[3]));
  } else {
    std::fprintf(stderr, "usage: serve_load PORT streams N SECONDS | first N PROMPT | idle N\n");
    return 2;
  }
}
