#include "serve/plain_session.h"

#include "base/trace.h"
#include "serve/completion_request.h"
#include "serve/plain_protocol.h"
#include "serve/request_error.h"
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

asio::awaitable<void> answer_text(Service& service, Connection& connection,
                                  std::string_view prompt) {
  const TraceTask task("request");
  std::string refusal;
  try {
    if (service.keys().required()) {
      throw RequestError(401, "a key is needed here: send JSON with \"key\"", "key", "invalid_key");
    }
    std::vector<Generation> one;
    one.push_back(service.generation(service.plain_request(prompt), service.snapshot()));
    StreamFormat format;
    format.piece = append_text;
    co_await send_streams(service, connection, std::move(one), format);
    service.answered(200);
  } catch (const RequestError& error) {
    service.answered(error.status());
    service.count_refusal(error);
    refusal = error_line(error.what());
  }
  if (!refusal.empty()) co_await tell(service, connection, std::move(refusal));
}

// What only HTTP offers.
void require_plain(const Service& service, const CompletionRequest& request) {
  if (!service.keys().accept(request.key)) {
    throw RequestError(401, "'key' is not a key of this server", "key", "invalid_key");
  }
  if (request.prompts.size() != 1)
    throw invalid_field("prompt", "must be one text on this protocol");
  if (request.best_of != 1) throw invalid_field("n", "must be 1 on this protocol");
  if (request.logprobs) throw invalid_field("logprobs", "is answered over HTTP only");
}

void append_objects(std::size_t, const Piece& piece, std::string& out) {
  append_ndjson(piece, out);
}

asio::awaitable<void> answer_json(Service& service, Connection& connection, std::string_view line) {
  const TraceTask task("request");
  std::string refusal;
  try {
    const auto request = parse_completion(line);
    require_plain(service, request);
    std::vector<Generation> one;
    one.push_back(service.generation(request, service.snapshot()));
    StreamFormat format;
    format.piece = append_objects;
    co_await send_streams(service, connection, std::move(one), format);
    service.answered(200);
  } catch (const RequestError& error) {
    service.answered(error.status());
    service.count_refusal(error);
    refusal = error_json_line(error);
  }
  if (!refusal.empty()) co_await tell(service, connection, std::move(refusal));
}

std::string too_long(std::string_view line) {
  const RequestError error(400, "a line has more than " + std::to_string(kLongestLine) + " bytes",
                           "", "line_too_long");
  return is_json_line(line) ? error_json_line(error) : error_line(error.what());
}

}  // namespace

asio::awaitable<void> plain_session(Service& service, Connection& connection, std::string line) {
  while (!line.empty() && !connection.gone()) {
    connection.busy = true;
    if (line.size() >= kLongestLine && !line.ends_with('\n')) {
      co_await tell(service, connection, too_long(line));
      break;
    }
    if (!is_json_line(line)) {
      co_await answer_text(service, connection, without_newline(line));
      break;
    }
    co_await answer_json(service, connection, without_newline(line));
    connection.busy = false;
    if (service.draining()) break;
    connection.within(std::chrono::duration<double>(service.options().idle_seconds));
    line = co_await connection.read_line(kLongestLine);
  }
  if (!connection.gone()) co_await connection.finish();
}

}  // namespace charrnn
