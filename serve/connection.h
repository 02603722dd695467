#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "serve/tls.h"

namespace charrnn {

/// One client's socket, what was read from it and not used yet, and the time by which its client
/// has to act. Lives on the I/O thread.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;
  using Socket = boost::asio::generic::stream_protocol::socket;

  /// Addresses without ports; empty on a UNIX socket.
  struct Ends {
    std::string local;  ///< by which the client has reached this machine
    std::string peer;   ///< of the client
  };

  explicit Connection(Socket socket, Ends ends = {});
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// How a client began that ought to speak TLS.
  enum class Opening { kTls, kNotTls, kGone };

  /// From now on the connection speaks TLS, when its client does: nothing is consumed when its
  /// first byte is not TLS's. Once, before anything else.
  boost::asio::awaitable<Opening> open_tls(TlsContext& context);

  const Ends& ends() const { return ends_; }

  /// Bytes that were handed to the kernel since the connection began.
  std::int64_t written() const { return written_; }

  /// Bytes read and not consumed.
  std::string input;

  /// The client will send no more.
  bool ended() const { return ended_; }

  /// The client is gone: reset, timed out, or closed by us.
  bool gone() const { return gone_; }

  /// Waits for more input and appends it. False at the end of input, or when the client is gone.
  /// Holds no buffer while it waits.
  boost::asio::awaitable<bool> fill();

  /// Waits at most so long for the first bytes of the next request. Meanwhile it is idle, and may
  /// be closed to make room for another client. False: none came.
  boost::asio::awaitable<bool> wait_idle(std::chrono::duration<double> time);
  bool idle() const { return idle_; }

  /// Reads up to and with the next LF, at most `limit` bytes. At the end of input: what is left,
  /// then an empty line. A line of `limit` bytes without LF at its end is too long.
  boost::asio::awaitable<std::string> read_line(std::size_t limit);

  /// Sends everything. False when the client is gone.
  boost::asio::awaitable<bool> write(std::string_view bytes);

  /// Waits until the client is gone, and does not read meanwhile.
  boost::asio::awaitable<void> until_gone();

  /// Waits until the client will send no more or is gone, though what it has sent is not read.
  /// True: it may still read.
  boost::asio::awaitable<bool> until_ended();

  /// Tells the client that no more will come, waits a little for its end, so that what was sent is
  /// not lost to a reset, and closes.
  boost::asio::awaitable<void> finish();

  /// What counts as progress while a client is waited for.
  enum class Progress {
    kNone,    ///< nothing: it has to act in time
    kInput,   ///< bytes that come from it
    kOutput,  ///< bytes that it takes, as far as the kernel knows
  };

  /// The client has to act within `time`, or is cut off; see expire(). With a kind of progress the
  /// time begins again whenever it is over, as long as kLeastRate bytes a second were moved in it:
  /// a steady client has all the time that it needs, and one that hardly moves has none.
  void within(std::chrono::duration<double> time, Progress progress = Progress::kNone);
  void without_limit() { deadline_ = Clock::time_point::max(); }

  Clock::time_point deadline() const { return deadline_; }

  /// Bytes a second that count as progress.
  static constexpr double kLeastRate = 500;

  /// Cuts the client off when its time is over.
  void expire(Clock::time_point now);

  /// Drops the connection at once. A busy client gets a reset where its socket has one, so that no
  /// answer that was cut looks like one that ended.
  void close();

  /// True while a request is answered, to the last byte.
  bool busy = false;

  /// True while its last bytes leave; a server that stops waits for these and for the busy ones.
  bool finishing() const { return finishing_; }

  Socket& socket() { return socket_; }

 private:
  using Outcome = TlsSession::Outcome;
  bool read_available();
  bool read_tls();
  boost::asio::awaitable<bool> wait(Socket::wait_type what);
  boost::asio::awaitable<bool> needed(Outcome outcome);
  boost::asio::awaitable<bool> write_tls(std::string_view bytes);
  std::int64_t moved() const;

  Socket socket_;
  const Ends ends_;
  std::unique_ptr<TlsSession> tls_;           // null: the bytes as they are
  Outcome read_needs_ = Outcome::kNeedsRead;  // what the next read of TLS has to wait for
  Clock::time_point deadline_ = Clock::time_point::max();
  std::chrono::duration<double> time_{};  // from the last beginning to the deadline
  Progress progress_ = Progress::kNone;
  std::int64_t moved_before_ = 0;  // moved() when that time began
  std::int64_t received_ = 0;      // bytes, since the connection began
  std::int64_t written_ = 0;       // bytes that the kernel took
  bool idle_ = false;
  bool finishing_ = false;
  bool ended_ = false;
  bool gone_ = false;
};

}  // namespace charrnn
