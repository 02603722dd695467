#include "serve/connection.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace charrnn {
namespace {

namespace asio = boost::asio;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr int kSendBuffer = 64 * 1024;
constexpr std::chrono::seconds kLinger{1};

}  // namespace

Connection::Connection(Socket socket) : socket_(std::move(socket)) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  // Without a bound of its own the kernel would hold megabytes for a client that does not read.
  socket_.set_option(asio::socket_base::send_buffer_size(kSendBuffer), ignored);
}

asio::awaitable<bool> Connection::fill() {
  while (!ended_ && !gone_) {
    const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_read, kNoThrow);
    if (error == asio::error::operation_aborted && !gone_) co_return false;
    if (error) gone_ = true;
    if (!gone_ && read_available()) co_return true;
  }
  co_return false;
}

// False when there was nothing yet, or nothing more.
bool Connection::read_available() {
  std::array<char, 16 * 1024> bytes;
  boost::system::error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(bytes), error);
  input.append(bytes.data(), size);
  if (error == asio::error::eof) {
    ended_ = true;
  } else if (error && error != asio::error::would_block) {
    gone_ = true;
  }
  return size > 0;
}

asio::awaitable<std::string> Connection::read_line(std::size_t limit) {
  std::size_t searched = 0;
  while (true) {
    const std::size_t newline = input.find('\n', searched);
    if (newline != std::string::npos && newline < limit) {
      std::string line = input.substr(0, newline + 1);
      input.erase(0, newline + 1);
      co_return line;
    }
    searched = input.size();
    const bool more = searched < limit && co_await fill();
    if (!more) co_return gone_ ? std::string() : std::exchange(input, {}).substr(0, limit);
  }
}

asio::awaitable<bool> Connection::write(std::string_view bytes) {
  const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), kNoThrow);
  if (error) gone_ = true;
  co_return !gone_;
}

asio::awaitable<void> Connection::until_gone() {
  const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_error, kNoThrow);
  if (error != asio::error::operation_aborted) gone_ = true;
}

asio::awaitable<void> Connection::finish() {
  boost::system::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  within(kLinger);
  while (co_await fill()) input.clear();
  close();
}

void Connection::within(std::chrono::duration<double> time) {
  deadline_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(time);
}

void Connection::expire(Clock::time_point now) {
  if (now >= deadline_) close();
}

void Connection::close() {
  gone_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace charrnn
