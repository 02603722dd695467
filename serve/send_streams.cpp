#include "serve/send_streams.h"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

#include "base/utf8.h"
#include "serve/plain_protocol.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr std::chrono::seconds kPing{15};

// The first text leaves at once; what is made after it leaves at ticks, the same for all streams,
// in one packet for each: faster than anybody reads, and a packet costs more than a character, so
// many streams have fewer ticks.
constexpr Clock::duration kShortestPace = std::chrono::milliseconds(20);
constexpr Clock::duration kLongestPace = std::chrono::milliseconds(50);
constexpr Clock::duration kPaceOfStream = std::chrono::microseconds(800);

// The streams of one request while they are sent.
struct Sending {
  Service& service;
  Connection& connection;
  const StreamFormat& format;
  std::shared_ptr<Signal> signal = {};
  std::vector<std::shared_ptr<Stream>> streams = {};
  std::vector<bool> finished = {};
  Clock::time_point begin;
  Clock::time_point until;
  Clock::time_point last_text;
  bool begun = false;  // some text was sent
  bool ended = false;  // the client will send no more
  bool probed = false;
  std::optional<Finish> failure = {};
  std::exception_ptr error = {};
  std::string bytes = {};

  bool done() const {
    return std::all_of(finished.begin(), finished.end(), [](bool one) { return one; });
  }

  void expire() {
    for (const auto& stream : streams) stream->end(Finish::kExpired);
    service.engine().wake();
  }
};

// Times of text, as a client sees them.
void measure(Sending& sending, const Piece& piece) {
  const auto characters = static_cast<std::uint64_t>(std::count_if(
      piece.text.begin(), piece.text.end(), [](char c) { return !is_utf8_continuation(c); }));
  if (characters == 0) return;
  const auto now = Clock::now();
  Metrics& metrics = sending.service.metrics();
  const auto since = Seconds(now - (sending.begun ? sending.last_text : sending.begin)).count();
  if (sending.begun) {
    metrics.between_characters.add(since / static_cast<double>(characters), characters);
  } else {
    metrics.first_text.add(since);
  }
  sending.begun = true;
  sending.last_text = now;
}

// Takes what every stream has. False when there was nothing.
bool take_all(Sending& sending) {
  bool some = false;
  for (std::size_t i = 0; i < sending.streams.size(); ++i) {
    if (sending.finished[i]) continue;
    bool was_full = false;
    const Piece piece = sending.streams[i]->take(was_full);
    if (was_full) sending.service.engine().wake();
    if (piece.text.empty() && piece.scores.empty() && !piece.finish) continue;
    some = true;
    measure(sending, piece);
    sending.format.piece(i, piece, sending.bytes);
    sending.finished[i] = piece.finish.has_value();
    if (piece.finish && !finished(*piece.finish)) sending.failure = piece.finish;
  }
  return some;
}

asio::awaitable<bool> send(Sending& sending, std::string_view bytes) {
  if (bytes.empty()) co_return true;
  sending.connection.within(Seconds(sending.service.options().send_seconds),
                            Connection::Progress::kOutput);
  if (sending.ended) sending.probed = true;
  const bool sent = co_await sending.connection.write(bytes);
  sending.connection.without_limit();
  co_return sent;
}

// Nothing to send: waits for more, for the next ping, or for the end of the request's time.
asio::awaitable<bool> wait_for_more(Sending& sending) {
  const auto now = Clock::now();
  const bool over = now >= sending.until;
  if (over) sending.expire();
  const Clock::duration left = over ? Clock::duration(kPing) : sending.until - now;
  if (co_await sending.signal->wait(std::min<Clock::duration>(kPing, left))) co_return true;
  co_return co_await send(sending, sending.format.ping);
}

Clock::duration until_next_tick(std::size_t live) {
  const auto pace = std::clamp<Clock::duration>(static_cast<Clock::rep>(live) * kPaceOfStream,
                                                kShortestPace, kLongestPace);
  return pace - Clock::now().time_since_epoch() % pace;
}

asio::awaitable<void> send_all(Sending& sending) {
  sending.bytes = sending.format.head;
  while (!sending.done() && !sending.connection.gone()) {
    const bool some = take_all(sending);
    // Also while pieces come without a pause: a whole answer sends none of them before its end.
    if (sending.bytes.empty() && sending.ended && !std::exchange(sending.probed, true)) {
      sending.bytes = sending.format.probe;
    }
    if (!co_await send(sending, sending.bytes)) co_return;
    sending.bytes.clear();
    if (some && Clock::now() >= sending.until) sending.expire();
    if (some && !sending.done()) {
      co_await sending.signal->wait(until_next_tick(sending.service.engine().live()));
    }
    if (!some && !co_await wait_for_more(sending)) co_return;
  }
}

// An exception would wait for the other half of `||`.
asio::awaitable<void> send_pieces(Sending& sending) {
  try {
    co_await send_all(sending);
  } catch (const boost::system::system_error&) {
    // The client has left: the other half says so.
  } catch (const std::exception&) {
    sending.error = std::current_exception();
  }
}

// Reads ahead while an answer is sent, only to notice that the client has left.
asio::awaitable<void> watch(Sending& sending) {
  Connection& connection = sending.connection;
  while (!connection.gone()) {
    if (connection.ended() || connection.input.size() >= kLongestLine) {
      sending.ended = connection.ended() || co_await connection.until_ended();
      sending.signal->raise();
      co_await connection.until_gone();
      co_return;
    }
    const bool more = co_await connection.fill();
    const bool cancelled = !more && !connection.ended() && !connection.gone();
    if (cancelled) co_return;
  }
}

// Streams leave the service however the coroutine ends.
struct Leaving {
  Sending& sending;
  ~Leaving() {
    sending.service.leave(sending.streams);
    if (!sending.done()) ++sending.service.metrics().disconnects;
  }
};

}  // namespace

asio::awaitable<Sent> send_streams(Service& service, Connection& connection,
                                   std::vector<Generation> generations,
                                   const StreamFormat& format) {
  const auto now = Clock::now();
  const auto time =
      std::chrono::duration_cast<Clock::duration>(Seconds(service.options().request_seconds));
  Sending sending{.service = service,
                  .connection = connection,
                  .format = format,
                  .begin = now,
                  .until = now + time,
                  .last_text = now};
  sending.signal = std::make_shared<Signal>(co_await asio::this_coro::executor);
  for (Generation& one : generations) {
    one.client.connection = reinterpret_cast<std::uintptr_t>(&connection);
  }
  sending.streams = service.start(std::move(generations), sending.signal);
  sending.finished.assign(sending.streams.size(), false);
  const Leaving leaving{sending};
  connection.without_limit();
  co_await (send_pieces(sending) || watch(sending));
  if (sending.error) std::rethrow_exception(sending.error);
  co_return Sent{sending.done() && !connection.gone(), sending.failure, sending.streams};
}

}  // namespace charrnn
