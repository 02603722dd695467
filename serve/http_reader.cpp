#include "serve/http_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "serve/http_framing.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;

constexpr std::uint64_t kLongestBody = 1024 * 1024;
constexpr std::size_t kLongestExtension = 256;

std::string text_of(boost::beast::string_view view) { return {view.data(), view.size()}; }

RequestError refused(const boost::beast::error_code& error) {
  if (error == http::error::body_limit) {
    return {413, "the body has more than 1 MiB", "", "body_too_large"};
  }
  return {400, "this is not sound HTTP: " + error.message(), "", "bad_request"};
}

// Nothing when the client is done or gone before a whole head has come.
asio::awaitable<bool> wait_for_head(Connection& connection) {
  while (!head_size(connection.input)) {
    if (connection.input.size() > kLongestHead) break;
    if (!co_await connection.fill()) co_return false;
  }
  const std::size_t size = head_size(connection.input).value_or(connection.input.size());
  if (size > kLongestHead) {
    throw RequestError(431, "the head has more than 8 KiB", "", "head_too_large");
  }
  const auto fault = framing_fault(std::string_view(connection.input).substr(0, size));
  if (fault) throw RequestError(400, "this is not sound HTTP: " + *fault, "", "bad_request");
  co_return true;
}

// Gives the parser what has come.
void parse(Connection& connection, Parser& parser) {
  boost::beast::error_code error;
  const std::size_t used = parser.put(asio::buffer(connection.input), error);
  connection.input.erase(0, used);
  if (error && error != http::error::need_more) throw refused(error);
  // A chunk's header that does not end would grow without a bound.
  if (used == 0 && connection.input.size() > kLongestHead) {
    throw RequestError(400, "this is not sound HTTP: a chunk has too long a header", "",
                       "bad_request");
  }
}

bool waits_for_leave(const Connection& connection, const Parser& parser) {
  return connection.input.empty() && text_of(parser.get()[http::field::expect]) == "100-continue";
}

asio::awaitable<bool> read_body(Connection& connection, Parser& parser) {
  if (waits_for_leave(connection, parser)) {
    co_await connection.write("HTTP/1.1 100 Continue\r\n\r\n");
  }
  while (!parser.is_done()) {
    if (connection.input.empty()) {
      const bool more = co_await connection.fill();
      if (!more) co_return false;
    }
    parse(connection, parser);
    if (parser.is_done() || connection.input.empty()) continue;
    // What is left is the beginning of something.
    const bool more = co_await connection.fill();
    if (!more) co_return false;
  }
  co_return true;
}

std::string key_of(const http::request<http::string_body>& message) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string authorization = text_of(message[http::field::authorization]);
  if (authorization.starts_with(kBearer)) return authorization.substr(kBearer.size());
  return text_of(message["X-Api-Key"]);
}

// A target that is a whole URL names the host itself, and its Host line counts for nothing.
void split_target(std::string target, HttpRequest& request) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.erase(0, scheme.size());
    const auto host_end = std::min(target.find_first_of("/?"), target.size());
    request.host = target.substr(0, host_end);
    target.erase(0, host_end);
    if (!target.starts_with('/')) target.insert(0, "/");
    break;
  }
  const auto query = target.find('?');
  request.path = target.substr(0, query);
  if (query != std::string::npos) request.query = target.substr(query + 1);
}

HttpRequest request_of(http::request<http::string_body>&& message) {
  HttpRequest request;
  request.method = text_of(message.method_string());
  request.host = text_of(message[http::field::host]);
  split_target(text_of(message.target()), request);
  request.content_type = text_of(message[http::field::content_type]);
  request.key = key_of(message);
  request.old_version = message.version() < 11;
  request.keep_alive = message.keep_alive();
  request.body = std::move(message.body());
  return request;
}

}  // namespace

asio::awaitable<std::optional<HttpRequest>> read_http_request(Connection& connection,
                                                              double body_seconds) {
  if (!co_await wait_for_head(connection)) co_return std::nullopt;
  connection.within(std::chrono::duration<double>(body_seconds), Connection::Progress::kInput);
  Parser parser;
  parser.header_limit(kLongestHead);
  parser.body_limit(kLongestBody);
  parser.eager(true);
  auto on_chunk = [](std::uint64_t, boost::beast::string_view extensions,
                     boost::beast::error_code& error) {
    if (extensions.size() > kLongestExtension) error = http::error::bad_chunk_extension;
  };
  parser.on_chunk_header(on_chunk);
  const std::size_t head = *head_size(connection.input);
  boost::beast::error_code error;
  // The head alone first: a client may wait for leave to send the body.
  parser.eager(false);
  connection.input.erase(0, parser.put(asio::buffer(connection.input.data(), head), error));
  if (error && error != http::error::need_more) throw refused(error);
  parser.eager(true);
  if (!co_await read_body(connection, parser)) co_return std::nullopt;
  connection.without_limit();
  co_return request_of(parser.release());
}

}  // namespace charrnn
