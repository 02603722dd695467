#include "serve/session.h"

#include <memory>

#include "serve/http_framing.h"
#include "serve/http_message.h"
#include "serve/http_session.h"
#include "serve/plain_protocol.h"
#include "serve/plain_session.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;

// A client that does not know that this port speaks TLS is told so, in its own words.
asio::awaitable<void> refuse_plain(Service& service, Connection& connection) {
  const RequestError refusal(400, "this port speaks TLS: use https://, or openssl s_client", "",
                             "tls_required");
  service.count_refusal(refusal);
  const std::string line = co_await connection.read_line(kLongestLine);
  const std::string answer = is_http_line(line)
                                 ? response_bytes(error_response(refusal), false, true)
                                 : error_line(refusal.what());
  if (!line.empty() && !connection.gone()) co_await connection.write(answer);
  if (!connection.gone()) co_await connection.finish();
}

// True when the client may go on: TLS is there, or not asked for.
asio::awaitable<bool> opened(Service& service, Connection& connection, TlsContext* tls) {
  if (!tls) co_return true;
  const Connection::Opening opening = co_await connection.open_tls(*tls);
  if (opening == Connection::Opening::kNotTls) co_await refuse_plain(service, connection);
  co_return opening == Connection::Opening::kTls;
}

std::string_view first_line(std::string_view input) { return input.substr(0, input.find('\n')); }

}  // namespace

asio::awaitable<void> serve_client(Service& service, Connection::Socket socket,
                                   Connection::Ends ends, std::shared_ptr<TlsContext> tls) {
  Connection connection(std::move(socket), std::move(ends));
  const auto in_list = [&service](Connection* open) { service.leave(open); };
  service.enter(&connection);
  const std::unique_ptr<Connection, decltype(in_list)> entry(&connection, in_list);
  // A stop that came between the accept and this line has not seen the connection.
  if (service.draining()) co_return;
  connection.within(std::chrono::duration<double>(service.options().header_seconds),
                    Connection::Progress::kInput);
  if (!co_await opened(service, connection, tls.get())) co_return;
  std::string line = co_await connection.read_line(kLongestLine);
  // Old clients of HTTP begin with an empty line. It is a prompt when nothing stands behind it.
  if (line == "\r\n" && is_http_line(first_line(connection.input))) {
    line = co_await connection.read_line(kLongestLine);
  }
  if (service.draining()) co_return;
  if (is_http_line(line)) {
    connection.input.insert(0, line);
    co_await http_session(service, connection);
  } else {
    co_await plain_session(service, connection, std::move(line));
  }
}

}  // namespace charrnn
