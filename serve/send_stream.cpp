#include "serve/send_stream.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include "serve/plain_protocol.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPing{15};

// One stream while it is sent.
struct Sending {
  Service& service;
  Connection& connection;
  const StreamFormat& format;
  std::shared_ptr<Signal> signal;
  std::shared_ptr<Stream> stream;
  Clock::time_point until;
  std::optional<Finish> finish;
};

asio::awaitable<bool> send(Sending& sending, std::string_view bytes) {
  if (bytes.empty()) co_return true;
  sending.connection.within(
      std::chrono::duration<double>(sending.service.options().send_seconds));
  const bool sent = co_await sending.connection.write(bytes);
  sending.connection.without_limit();
  co_return sent;
}

// Nothing to send: waits for more, for the next ping, or for the end of the request's time.
asio::awaitable<bool> wait_for_more(Sending& sending) {
  const auto now = Clock::now();
  if (now >= sending.until) {
    sending.stream->end(Finish::kExpired);
    sending.service.engine().wake();
  }
  const auto at_most = now >= sending.until ? Clock::duration(kPing)
                                            : std::min<Clock::duration>(kPing, sending.until - now);
  if (co_await sending.signal->wait(at_most)) co_return true;
  co_return co_await send(sending, sending.format.ping);
}

asio::awaitable<void> send_pieces(Sending& sending) {
  std::string bytes;
  while (!sending.finish && !sending.connection.gone()) {
    bool was_full = false;
    const Piece piece = sending.stream->take(was_full);
    if (was_full) sending.service.engine().wake();
    if (piece.text.empty() && piece.scores.empty() && !piece.finish) {
      if (!co_await wait_for_more(sending)) co_return;
      continue;
    }
    bytes.clear();
    sending.format.piece(piece, bytes);
    if (!co_await send(sending, bytes)) co_return;
    sending.finish = piece.finish;
    if (Clock::now() >= sending.until) sending.stream->end(Finish::kExpired);
  }
}

// Reads ahead while an answer is sent, only to notice that the client has left.
asio::awaitable<void> watch(Sending& sending) {
  Connection& connection = sending.connection;
  while (!connection.gone()) {
    if (connection.ended() && sending.format.end_is_gone) co_return;
    if (connection.ended() || connection.input.size() >= kLongestLine) {
      co_await connection.until_gone();
      co_return;
    }
    const bool more = co_await connection.fill();
    const bool cancelled = !more && !connection.ended() && !connection.gone();
    if (cancelled) co_return;
  }
}

}  // namespace

asio::awaitable<std::optional<Finish>> send_stream(Service& service, Connection& connection,
                                                   Generation generation,
                                                   const StreamFormat& format) {
  auto signal = std::make_shared<Signal>(co_await asio::this_coro::executor);
  auto stream = service.start(std::move(generation), signal);
  const std::chrono::duration<double> time(service.options().request_seconds);
  Sending sending{service, connection, format, signal, stream,
                  Clock::now() + std::chrono::duration_cast<Clock::duration>(time), std::nullopt};
  connection.busy = true;
  connection.without_limit();
  co_await (send_pieces(sending) || watch(sending));
  connection.busy = false;
  service.leave(stream);
  co_return sending.finish;
}

}  // namespace charrnn
