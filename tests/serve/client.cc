#include "tests/serve/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <stdexcept>

namespace charrnn {

Client::Client(std::uint16_t port, int receive_buffer)
    : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  set_patience();
  if (receive_buffer > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close();
    throw std::runtime_error("cannot connect");
  }
}

Client::Client(const std::string& file) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
  set_patience();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  file.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close();
    throw std::runtime_error("cannot connect");
  }
}

Client::~Client() { close(); }

void Client::set_patience() {
  const timeval patience{20, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

long Client::send_some(std::string_view bytes) {
  return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

long Client::receive_some(char* bytes, std::size_t size) { return ::recv(socket_, bytes, size, 0); }

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const long sent = send_some(bytes);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Client::end_input() { ::shutdown(socket_, SHUT_WR); }

bool Client::fill() {
  char bytes[65536];
  const long size = receive_some(bytes, sizeof bytes);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    throw std::runtime_error("the server said nothing for 20 s");
  }
  was_reset_ = size < 0 && errno == ECONNRESET;
  if (size <= 0) return false;
  read_.append(bytes, static_cast<std::size_t>(size));
  return true;
}

std::string Client::read_all() {
  while (fill()) {
  }
  return std::exchange(read_, {});
}

std::string Client::read_line() {
  std::size_t newline = 0;
  while ((newline = read_.find('\n')) == std::string::npos) {
    if (!fill()) return std::exchange(read_, {});
  }
  std::string line = read_.substr(0, newline + 1);
  read_.erase(0, newline + 1);
  return line;
}

std::string Client::read_exactly(std::size_t bytes) {
  while (read_.size() < bytes && fill()) {
  }
  std::string result = read_.substr(0, bytes);
  read_.erase(0, bytes);
  return result;
}

void Client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void Client::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

std::string ask(std::uint16_t port, std::string_view input) {
  Client client(port);
  client.send(input);
  client.end_input();
  return client.read_all();
}

std::vector<boost::json::object> objects(std::string_view ndjson) {
  std::vector<boost::json::object> result;
  while (!ndjson.empty()) {
    const auto newline = ndjson.find('\n');
    if (newline == std::string_view::npos) break;
    result.push_back(
        boost::json::parse(boost::json::string_view(ndjson.data(), newline)).as_object());
    ndjson.remove_prefix(newline + 1);
  }
  return result;
}

std::string text_of(const std::vector<boost::json::object>& objects) {
  std::string text;
  for (const auto& object : objects) {
    if (const auto* part = object.if_contains("text")) text += part->as_string().c_str();
  }
  return text;
}

}  // namespace charrnn
