#include "serve/plain_session.h"

#include "serve/completion_request.h"
#include "serve/plain_protocol.h"
#include "serve/request_error.h"
#include "serve/send_stream.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;

// The last line of a text that the server could not finish stands by itself.
void append_text(const Piece& piece, std::string& out) {
  out += piece.text;
  if (piece.finish && !finished(*piece.finish)) {
    out += '\n' + error_line(unfinished(*piece.finish).what());
  }
}

asio::awaitable<void> tell(Service& service, Connection& connection, std::string line) {
  connection.within(std::chrono::duration<double>(service.options().send_seconds));
  co_await connection.write(line);
}

asio::awaitable<void> answer_text(Service& service, Connection& connection,
                                  std::string_view prompt) {
  std::string refusal;
  try {
    const auto request = service.plain_request(prompt);
    const StreamFormat format{append_text, "", false};
    co_await send_stream(service, connection, service.generation(request, 0, 0), format);
  } catch (const RequestError& error) {
    refusal = error_line(error.what());
  }
  if (!refusal.empty()) co_await tell(service, connection, std::move(refusal));
}

// What only HTTP offers.
void require_plain(const CompletionRequest& request) {
  if (request.prompts.size() != 1) throw invalid_field("prompt", "must be one text on this protocol");
  if (request.best_of != 1) throw invalid_field("n", "must be 1 on this protocol");
  if (request.logprobs) throw invalid_field("logprobs", "is answered over HTTP only");
}

asio::awaitable<void> answer_json(Service& service, Connection& connection,
                                  std::string_view line) {
  std::string refusal;
  try {
    const auto request = parse_completion(line);
    require_plain(request);
    const StreamFormat format{append_ndjson, "", false};
    co_await send_stream(service, connection, service.generation(request, 0, 0), format);
  } catch (const RequestError& error) {
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
    if (line.size() >= kLongestLine && !line.ends_with('\n')) {
      co_await tell(service, connection, too_long(line));
      break;
    }
    if (!is_json_line(line)) {
      co_await answer_text(service, connection, without_newline(line));
      break;
    }
    co_await answer_json(service, connection, without_newline(line));
    if (service.draining()) break;
    connection.within(std::chrono::duration<double>(service.options().idle_seconds));
    line = co_await connection.read_line(kLongestLine);
  }
  if (!connection.gone()) co_await connection.finish();
}

}  // namespace charrnn
