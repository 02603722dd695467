#include "serve/plain_session.h"

#include "base/trace.h"
#include "serve/completion_request.h"
#include "serve/http_message.h"
#include "serve/json_member.h"
#include "serve/plain_protocol.h"
#include "serve/request_error.h"
#include "serve/request_log.h"
#include "serve/send_streams.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;

// The last line of a text that the server could not finish stands by itself.
void append_text(std::size_t, const Piece& piece, std::string& out) {
  out += piece.text;
  if (piece.finish && !finished(*piece.finish)) {
    out += '\n' + error_line(unfinished(*piece.finish).what());
  }
}

asio::awaitable<void> tell(Service& service, Connection& connection, std::string line) {
  connection.within(std::chrono::duration<double>(service.options().send_seconds),
                    Connection::Progress::kOutput);
  co_await connection.write(line);
}

// These return the status that HTTP would have given.
asio::awaitable<int> answer_text(Service& service, Connection& connection,
                                 std::string_view prompt) {
  const TraceTask task("request");
  std::string refusal;
  int status = 200;
  try {
    if (service.keys().required()) {
      throw RequestError(401, "a key is needed here: send JSON with \"key\"", "key", "invalid_key");
    }
    std::vector<Generation> one;
    one.push_back(service.generation(service.plain_request(prompt), service.snapshot()));
    StreamFormat format;
    format.piece = append_text;
    co_await send_streams(service, connection, std::move(one), format);
  } catch (const RequestError& error) {
    status = error.status();
    service.count_refusal(error);
    refusal = error_line(error.what());
  }
  service.answered(status);
  if (!refusal.empty()) co_await tell(service, connection, std::move(refusal));
  co_return connection.gone() ? 0 : status;
}

// What only HTTP offers.
void require_plain(const CompletionRequest& request) {
  if (request.prompts.size() != 1)
    throw invalid_field("prompt", "must be one text on this protocol");
  if (request.best_of != 1) throw invalid_field("n", "must be 1 on this protocol");
  if (request.logprobs) throw invalid_field("logprobs", "is answered over HTTP only");
}

std::string end_object(Service& service, const CompletionRequest& request, const Sent& sent,
                       Piece last) {
  last.text.clear();
  std::string line;
  append_ndjson(last, line, service.keep_state(request, *sent.streams.front()));
  return line;
}

asio::awaitable<int> answer_json(Service& service, Connection& connection, std::string_view line) {
  const TraceTask task("request");
  std::string refusal;
  int status = 200;
  std::string end;
  try {
    // Nothing is made of a line before it is known who sent it.
    if (!service.keys().accept(find_text(line, "key").value_or(""))) {
      throw RequestError(401, "'key' is not a key of this server", "key", "invalid_key");
    }
    const auto request = parse_completion(line);
    require_plain(request);
    const auto snapshot = co_await chosen_model(service, request.model);
    std::vector<Generation> one;
    one.push_back(service.generation(request, snapshot));
    // The last object waits for the name of the state that it tells.
    std::optional<Piece> last;
    StreamFormat format;
    format.piece = [&last](std::size_t, const Piece& piece, std::string& out) {
      Piece text = piece;
      if (piece.finish) last = piece;
      text.finish.reset();
      append_ndjson(text, out);
    };
    const Sent sent = co_await send_streams(service, connection, std::move(one), format);
    if (sent.whole) end = end_object(service, request, sent, *last);
  } catch (const RequestError& error) {
    status = error.status();
    service.count_refusal(error);
    refusal = error_json_line(error);
  }
  service.answered(status);
  if (!end.empty()) co_await tell(service, connection, std::move(end));
  if (!refusal.empty()) co_await tell(service, connection, std::move(refusal));
  co_return connection.gone() ? 0 : status;
}

std::string too_long(std::string_view line) {
  const RequestError error(400, "a line has more than " + std::to_string(kLongestLine) + " bytes",
                           "", "line_too_long");
  return is_json_line(line) ? error_json_line(error) : error_line(error.what());
}

// One line and its answer. True when another line may follow.
asio::awaitable<bool> exchange(Service& service, Connection& connection, std::string line) {
  const bool json = is_json_line(line);
  const std::string id = drawn_id();
  const auto written = connection.written();
  const auto begin = Connection::Clock::now();
  connection.busy = true;
  int status = 400;
  if (line.size() >= kLongestLine && !line.ends_with('\n')) {
    co_await tell(service, connection, too_long(line));
  } else if (json) {
    status = co_await answer_json(service, connection, without_newline(line));
  } else {
    status = co_await answer_text(service, connection, without_newline(line));
  }
  connection.busy = connection.gone();
  log_request(service.options().log,
              {id, connection.ends().peer, "LINE", "", status, connection.written() - written,
               Connection::Clock::now() - begin});
  co_return json&& line.ends_with('\n') && !connection.gone();
}

}  // namespace

asio::awaitable<void> plain_session(Service& service, Connection& connection, std::string line) {
  using Seconds = std::chrono::duration<double>;
  const ServeOptions& options = service.options();
  while (!line.empty() && !connection.gone()) {
    const bool goes_on = co_await exchange(service, connection, std::move(line));
    if (!goes_on || service.draining()) break;
    if (connection.input.empty()) co_await connection.wait_idle(Seconds(options.idle_seconds));
    connection.within(Seconds(options.header_seconds), Connection::Progress::kInput);
    line = co_await connection.read_line(kLongestLine);
  }
  if (!connection.gone()) co_await connection.finish();
}

}  // namespace charrnn
