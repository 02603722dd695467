#include "serve/http_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <cctype>
#include <utility>

#include "serve/http_framing.h"

namespace charrnn {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::beast::iequals;
using Message = http::request<http::string_body>;

constexpr std::size_t kLongestExtension = 256;
constexpr std::size_t kLongestId = 128;

std::string text_of(boost::beast::string_view view) { return {view.data(), view.size()}; }

RequestError unsound(const std::string& fault) {
  return {400, "this is not sound HTTP: " + fault, "", "bad_request"};
}

RequestError refused(const boost::beast::error_code& error) {
  if (error == http::error::body_limit) {
    return {413, "the body has more than 1 MiB", "", "body_too_large"};
  }
  return unsound(error.message());
}

std::string key_of(const Message& message) {
  constexpr std::string_view kBearer = "Bearer ";
  const auto authorization = message[http::field::authorization];
  if (iequals(authorization.substr(0, kBearer.size()), {kBearer.data(), kBearer.size()})) {
    const std::string key = text_of(authorization.substr(kBearer.size()));
    return key.substr(std::min(key.find_first_not_of(' '), key.size()));
  }
  return text_of(message["X-Api-Key"]);
}

// What goes into a log has to be short and plain.
std::string id_of(const Message& message) {
  const std::string id = text_of(message["X-Request-Id"]);
  const bool plain = std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
  return !id.empty() && id.size() <= kLongestId && plain ? id : drawn_id();
}

// Whatever the target is, the head tells who asks, so that a refusal can say so.
void take_fields(const Message& message, HttpRequest& request) {
  request.method = text_of(message.method_string());
  request.target = text_of(message.target());
  request.origin = text_of(message[http::field::origin]);
  request.content_type = text_of(message[http::field::content_type]);
  request.key = key_of(message);
  request.id = id_of(message);
  request.old_version = message.version() < 11;
  request.keep_alive = message.keep_alive();
  request.preflight = request.method == "OPTIONS" &&
                      message.find(http::field::access_control_request_method) != message.end();
  request.answer = {{"X-Request-Id", request.id}};
}

}  // namespace

HttpReader::HttpReader(Connection& connection) : connection_(connection) {
  parser_.header_limit(kLongestHead);
  parser_.body_limit(kLongestBody);
}

// False when the client is done or gone before a whole head has come.
asio::awaitable<bool> HttpReader::wait_for_head() {
  std::string& input = connection_.input;
  bool empty_line = false;
  while (true) {
    // RFC 9112, section 2.2: an empty line before a request is none.
    if (input.starts_with("\r\n") && !std::exchange(empty_line, true)) input.erase(0, 2);
    if (head_size(input) || input.size() > kLongestHead) break;
    if (!co_await connection_.fill()) co_return false;
  }
  const std::size_t size = head_size(input).value_or(input.size());
  if (size > kLongestHead) {
    throw RequestError(431, "the head has more than 8 KiB", "", "head_too_large");
  }
  const auto fault = framing_fault(std::string_view(input).substr(0, size));
  if (fault) throw unsound(*fault);
  co_return true;
}

void HttpReader::parse_head() {
  const std::size_t head = *head_size(connection_.input);
  boost::beast::error_code error;
  // Nothing of the body yet.
  parser_.eager(false);
  const auto bytes = asio::buffer(connection_.input.data(), head);
  connection_.input.erase(0, parser_.put(bytes, error));
  if (error && error != http::error::need_more) throw refused(error);
}

asio::awaitable<bool> HttpReader::read_head(HttpRequest& request) {
  if (!co_await wait_for_head()) co_return false;
  parse_head();
  const Message& message = parser_.get();
  take_fields(message, request);
  request.local = connection_.ends().local;
  request.parts = parse_target(request.target);
  const auto host = message.find(http::field::host);
  if (host != message.end()) {
    const std::string value = text_of(host->value());
    request.host = host_name(value).value_or("");
  }
  // A target that is a whole URL names the host itself, and its Host line counts for nothing.
  if (request.parts.host) request.host = request.parts.host;
  co_return true;
}

std::size_t HttpReader::most_body() const {
  if (!has_body()) return 0;
  const auto length = parser_.content_length();
  return length ? static_cast<std::size_t>(*length) : kLongestBody;
}

// Gives the parser what has come.
void HttpReader::parse_body() {
  boost::beast::error_code error;
  const std::size_t used = parser_.put(asio::buffer(connection_.input), error);
  connection_.input.erase(0, used);
  if (error && error != http::error::need_more) throw refused(error);
  // A chunk's header that does not end would grow without a bound.
  if (used == 0 && connection_.input.size() > kLongestHead) {
    throw unsound("a chunk has too long a header");
  }
}

bool HttpReader::waits_for_leave() const {
  return connection_.input.empty() && parser_.get().version() >= 11 &&
         iequals(parser_.get()[http::field::expect], "100-continue");
}

asio::awaitable<bool> HttpReader::read_body(HttpRequest& request) {
  auto on_chunk = [](std::uint64_t, boost::beast::string_view extensions,
                     boost::beast::error_code& error) {
    if (extensions.size() > kLongestExtension) error = http::error::bad_chunk_extension;
  };
  parser_.on_chunk_header(on_chunk);
  parser_.eager(true);
  if (has_body() && waits_for_leave()) {
    co_await connection_.write("HTTP/1.1 100 Continue\r\n\r\n");
  }
  while (!parser_.is_done()) {
    if (connection_.input.empty()) {
      const bool more = co_await connection_.fill();
      if (!more) co_return false;
    }
    parse_body();
    if (parser_.is_done() || connection_.input.empty()) continue;
    // What is left is the beginning of something.
    const bool more = co_await connection_.fill();
    if (!more) co_return false;
  }
  request.body = std::move(parser_.get().body());
  co_return true;
}

}  // namespace charrnn
