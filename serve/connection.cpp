#include "serve/connection.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace charrnn {
namespace {

namespace asio = boost::asio;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr int kSendBuffer = 16 * 1024;
constexpr std::chrono::seconds kLinger{1};
constexpr std::chrono::milliseconds kLookAgain{50};

// Nothing for a UNIX socket.
int tcp_state(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_state : 0;
}

}  // namespace

Connection::Connection(Socket socket, Ends ends)
    : socket_(std::move(socket)), ends_(std::move(ends)) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  // Without a bound of its own the kernel would hold megabytes for a client that does not read. It
  // takes twice the number.
  socket_.set_option(asio::socket_base::send_buffer_size(kSendBuffer), ignored);
}

// False when the wait was cancelled, or the client is gone.
asio::awaitable<bool> Connection::wait(Socket::wait_type what) {
  const auto [error] = co_await socket_.async_wait(what, kNoThrow);
  if (error && error != asio::error::operation_aborted) gone_ = true;
  co_return !error && !gone_;
}

// Waits for what TLS asked for. False when there is nothing to wait for.
asio::awaitable<bool> Connection::needed(Outcome outcome) {
  if (outcome == Outcome::kNeedsRead) co_return co_await wait(asio::socket_base::wait_read);
  if (outcome == Outcome::kNeedsWrite) co_return co_await wait(asio::socket_base::wait_write);
  if (outcome == Outcome::kFailed) gone_ = true;
  co_return false;
}

asio::awaitable<Connection::Opening> Connection::open_tls(TlsContext& context) {
  char first = 0;
  boost::system::error_code error = asio::error::would_block;
  while (error == asio::error::would_block) {
    if (!co_await wait(asio::socket_base::wait_read)) co_return Opening::kGone;
    socket_.receive(asio::buffer(&first, 1), asio::socket_base::message_peek, error);
  }
  if (error) co_return Opening::kGone;
  if (!begins_tls(first)) co_return Opening::kNotTls;
  tls_ = std::make_unique<TlsSession>(context, socket_.native_handle());
  Outcome outcome = tls_->handshake();
  while (outcome == Outcome::kNeedsRead || outcome == Outcome::kNeedsWrite) {
    const bool ready = co_await needed(outcome);
    if (!ready) co_return Opening::kGone;
    outcome = tls_->handshake();
  }
  co_return outcome == Outcome::kDone ? Opening::kTls : Opening::kGone;
}

asio::awaitable<bool> Connection::fill() {
  while (!ended_ && !gone_) {
    // TLS may hold text that no readiness of the socket tells of.
    if (tls_ && read_tls()) co_return true;
    if (ended_ || gone_) break;
    bool ready = false;
    if (tls_) {
      ready = co_await needed(read_needs_);
    } else {
      ready = co_await wait(asio::socket_base::wait_read);
    }
    if (!ready) co_return false;
    if (!tls_ && read_available()) co_return true;
  }
  co_return false;
}

// False when there was nothing yet, or nothing more.
bool Connection::read_tls() {
  std::array<char, 16 * 1024> bytes;
  std::size_t size = 0;
  read_needs_ = tls_->read(bytes.data(), bytes.size(), size);
  input.append(bytes.data(), size);
  received_ += static_cast<std::int64_t>(size);
  ended_ = read_needs_ == Outcome::kEnded;
  // An end of the socket without the client's word may be somebody else's doing.
  if (read_needs_ == Outcome::kFailed) gone_ = true;
  return size > 0;
}

// False when there was nothing yet, or nothing more.
bool Connection::read_available() {
  std::array<char, 16 * 1024> bytes;
  boost::system::error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(bytes), error);
  input.append(bytes.data(), size);
  received_ += static_cast<std::int64_t>(size);
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

asio::awaitable<bool> Connection::write_tls(std::string_view bytes) {
  while (!bytes.empty() && !gone_) {
    std::size_t size = 0;
    const Outcome outcome = tls_->write(bytes, size);
    bytes.remove_prefix(size);
    written_ += static_cast<std::int64_t>(size);
    if (outcome == Outcome::kDone) continue;
    const bool ready = co_await needed(outcome);
    if (!ready) break;
  }
  if (!bytes.empty()) gone_ = true;
  co_return !gone_;
}

asio::awaitable<bool> Connection::write(std::string_view bytes) {
  if (tls_) co_return co_await write_tls(bytes);
  while (!bytes.empty() && !gone_) {
    const auto buffer = asio::buffer(bytes.data(), bytes.size());
    const auto [error, size] = co_await socket_.async_write_some(buffer, kNoThrow);
    bytes.remove_prefix(size);
    written_ += static_cast<std::int64_t>(size);
    if (error) gone_ = true;
  }
  co_return !gone_;
}

asio::awaitable<bool> Connection::wait_idle(std::chrono::duration<double> time) {
  within(time);
  idle_ = true;
  const bool begun = co_await fill();
  idle_ = false;
  co_return begun;
}

asio::awaitable<bool> Connection::until_ended() {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  // Bytes that nobody reads hide the end of what the client sends from every kind of waiting.
  while (!gone_) {
    const int state = tcp_state(socket_.native_handle());
    if (state == TCP_CLOSE_WAIT) break;
    if (state == TCP_CLOSE) gone_ = true;
    timer.expires_after(kLookAgain);
    const auto [error] = co_await timer.async_wait(kNoThrow);
    if (error) co_return false;
  }
  co_return !gone_;
}

asio::awaitable<void> Connection::until_gone() {
  const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_error, kNoThrow);
  if (error != asio::error::operation_aborted) gone_ = true;
}

asio::awaitable<void> Connection::finish() {
  busy = false;
  finishing_ = true;
  within(kLinger);
  bool again = tls_ != nullptr;
  while (again) {
    const Outcome outcome = tls_->end();
    again = outcome != Outcome::kDone && outcome != Outcome::kEnded;
    if (again) again = co_await needed(outcome);
  }
  boost::system::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  while (co_await fill()) input.clear();
  close();
}

// What the client has sent, or read as far as the kernel knows.
std::int64_t Connection::moved() const {
  if (progress_ != Progress::kOutput) return received_;
  int unread = 0;
  ::ioctl(const_cast<Socket&>(socket_).native_handle(), SIOCOUTQ, &unread);
  return written_ - unread;
}

void Connection::within(std::chrono::duration<double> time, Progress progress) {
  time_ = time;
  progress_ = progress;
  moved_before_ = moved();
  deadline_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(time);
}

void Connection::expire(Clock::time_point now) {
  if (now < deadline_) return;
  const auto moved_now = static_cast<double>(moved() - moved_before_);
  if (progress_ != Progress::kNone && moved_now >= kLeastRate * time_.count()) {
    within(time_, progress_);
  } else {
    close();
  }
}

void Connection::close() {
  gone_ = true;
  boost::system::error_code ignored;
  if (busy) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

}  // namespace charrnn
