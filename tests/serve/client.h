#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace charrnn {

/// A plain blocking client over loopback, as any program would write one.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0);
  /// Over a UNIX socket.
  explicit Client(const std::string& file);
  virtual ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view bytes);
  /// No more will be sent; the answer is still read.
  virtual void end_input();
  /// Everything until the server closes (or 20 s pass, which fails the test).
  std::string read_all();
  /// Up to and with the next LF; empty at the end.
  std::string read_line();
  /// `bytes` bytes, or fewer at the end.
  std::string read_exactly(std::size_t bytes);
  /// True when the server has ended the connection with a reset.
  bool was_reset() const { return was_reset_; }
  /// Goes away without a word: the server gets a reset.
  void reset();
  void close();

 protected:
  /// Some of the bytes, as the calls of the system do: 0 or less at the end and for a failure.
  virtual long send_some(std::string_view bytes);
  virtual long receive_some(char* bytes, std::size_t size);
  int socket() const { return socket_; }

 private:
  void set_patience();
  bool fill();

  int socket_ = -1;
  std::string read_;
  bool was_reset_ = false;
};

/// What the server answers to one input, until it closes.
std::string ask(std::uint16_t port, std::string_view input);

/// The objects of an NDJSON answer.
std::vector<boost::json::object> objects(std::string_view ndjson);

/// Their text, one after the other.
std::string text_of(const std::vector<boost::json::object>& objects);

/// Waits until `condition` holds, at most `time`; returns whether it did.
template <typename Condition>
bool soon(Condition condition, std::chrono::milliseconds time = std::chrono::seconds(5));

}  // namespace charrnn

#include <thread>

template <typename Condition>
bool charrnn::soon(Condition condition, std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}
