#include "serve/http_session.h"

#include <optional>

#include "base/trace.h"
#include "serve/completions.h"
#include "serve/http_reader.h"
#include "serve/request_log.h"
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

// Reads the body, and answers.
asio::awaitable<std::optional<HttpResponse>> answer(Service& service, Connection& connection,
                                                    HttpReader& reader, HttpRequest& request,
                                                    bool& keep_alive) {
  const TraceTask task("request");
  allow_origin(service, request);
  const bool may_stay = request.keep_alive && !service.draining();
  keep_alive = may_stay && !reader.has_body();
  const Route route = route_of(service, request);
  request.share = service.bodies().take(reader.most_body());
  connection.within(Seconds(service.options().body_seconds), Connection::Progress::kInput);
  if (!co_await reader.read_body(request)) {
    connection.close();
    co_return std::nullopt;
  }
  connection.without_limit();
  connection.busy = true;
  keep_alive = may_stay && !(connection.ended() && connection.input.empty());
  if (route == Route::kCompletions) {
    co_return co_await answer_completion(service, connection, request, keep_alive);
  }
  if (route == Route::kScore) co_return co_await answer_score(service, connection, request);
  co_return answer_at_once(service, route, request);
}

HttpResponse refusal(Service& service, const HttpRequest& request, const RequestError& error) {
  service.count_refusal(error);
  HttpResponse response = error_response(error);
  if (error.status() == 405) {
    response.headers.emplace_back("Allow", methods_of(request.parts.path));
  }
  return response;
}

// One request and its answer. True when the connection stays.
asio::awaitable<bool> exchange(Service& service, Connection& connection) {
  HttpReader reader(connection);
  HttpRequest request;
  std::optional<HttpResponse> response;
  bool keep_alive = false;
  const auto written = connection.written();
  auto begin = Connection::Clock::now();
  int status = 200;
  try {
    const bool come = co_await reader.read_head(request);
    if (!come) co_return false;
    begin = Connection::Clock::now();
    response = co_await answer(service, connection, reader, request, keep_alive);
  } catch (const RequestError& error) {
    response = refusal(service, request, error);
  }
  bool stay = keep_alive;
  if (response && !connection.gone()) {
    connection.busy = true;
    status = response->status;
    // Meanwhile the client may have ended its input, or the server may have been told to stop.
    keep_alive =
        keep_alive && !service.draining() && !(connection.ended() && connection.input.empty());
    for (auto& header : request.answer) response->headers.push_back(std::move(header));
    stay = co_await respond(service, connection, *response, keep_alive, request.method != "HEAD");
  }
  if (connection.gone()) status = 0;
  connection.busy = connection.busy && connection.gone();
  log_request(service.options().log,
              {request.id, connection.ends().peer, request.method, request.target, status,
               connection.written() - written, Connection::Clock::now() - begin});
  co_return stay && !connection.gone();
}

}  // namespace

asio::awaitable<void> http_session(Service& service, Connection& connection) {
  bool stay = true;
  while (stay && !connection.gone()) {
    stay = co_await exchange(service, connection);
    if (!stay || service.draining()) break;
    // The next request may have come with this one.
    if (connection.input.empty()) {
      stay = co_await connection.wait_idle(Seconds(service.options().idle_seconds));
    }
    connection.within(Seconds(service.options().header_seconds), Connection::Progress::kInput);
  }
  if (!connection.gone()) co_await connection.finish();
}

}  // namespace charrnn
