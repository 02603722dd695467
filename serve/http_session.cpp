#include "serve/http_session.h"

#include <optional>

#include "base/trace.h"
#include "serve/completions.h"
#include "serve/http_reader.h"
#include "serve/routes.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;
using Seconds = std::chrono::duration<double>;

asio::awaitable<bool> respond(Service& service, Connection& connection,
                              const HttpResponse& response, bool keep_alive, bool with_body) {
  service.answered(response.status);
  connection.within(Seconds(service.options().send_seconds), Connection::Progress::kOutput);
  std::string bytes = response_bytes(response, keep_alive, with_body);
  bool sent = co_await connection.write(bytes);
  ++service.metrics().sending;
  const std::size_t held = with_body ? response.held.size() : 0;
  for (std::size_t at = 0; sent && at < held; at += bytes.size()) {
    bytes = response.held.read(at, HeldBytes::kInMemory);
    sent = co_await connection.write(bytes);
  }
  --service.metrics().sending;
  co_return sent&& keep_alive;
}

// Waits for the next request's first bytes. False when none comes.
asio::awaitable<bool> next_begins(Service& service, Connection& connection) {
  connection.within(Seconds(service.options().idle_seconds));
  const bool begun = co_await connection.fill();
  connection.within(Seconds(service.options().header_seconds), Connection::Progress::kInput);
  co_return begun;
}

// True when the connection stays.
asio::awaitable<bool> answer(Service& service, Connection& connection, const HttpRequest& request) {
  const TraceTask task("request");
  bool keep_alive = request.keep_alive && !service.draining() && !connection.ended();
  const bool with_body = request.method != "HEAD";
  std::optional<HttpResponse> response;
  try {
    const Route route = route_of(service, request);
    if (route == Route::kCompletions) {
      response = co_await answer_completion(service, connection, request, keep_alive);
    } else if (route == Route::kScore) {
      response = co_await answer_score(service, connection, request);
    } else {
      response = answer_at_once(service, route, request);
    }
  } catch (const RequestError& error) {
    service.count_refusal(error);
    response = error_response(error);
  }
  if (!response || connection.gone()) co_return keep_alive && !connection.gone();
  co_return co_await respond(service, connection, *response, keep_alive, with_body);
}

}  // namespace

asio::awaitable<void> http_session(Service& service, Connection& connection) {
  bool stay = true;
  while (stay && !connection.gone()) {
    std::optional<HttpRequest> request;
    std::optional<HttpResponse> refusal;
    try {
      request = co_await read_http_request(connection, service.options().body_seconds);
    } catch (const RequestError& error) {
      service.count_refusal(error);
      refusal = error_response(error);
    }
    if (refusal) co_await respond(service, connection, *refusal, false, true);
    if (!request) break;
    connection.busy = true;
    stay = co_await answer(service, connection, *request);
    connection.busy = false;
    // A request that came while another was answered is not believed: no pipelining.
    stay = stay && connection.input.empty() && !service.draining();
    if (stay) stay = co_await next_begins(service, connection);
  }
  if (!connection.gone()) co_await connection.finish();
}

}  // namespace charrnn
