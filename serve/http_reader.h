#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>

#include "serve/connection.h"
#include "serve/http_message.h"

namespace charrnn {

/// The longest body of a request.
inline constexpr std::size_t kLongestBody = 1024 * 1024;

/// Reads one request: its head of at most 8 KiB, then, once it is known who asks for what, its
/// body. Throws RequestError for what is not to be believed; then the connection has to be closed,
/// since nobody knows where the next request begins.
class HttpReader {
 public:
  explicit HttpReader(Connection& connection);

  /// False when the client left or is done.
  boost::asio::awaitable<bool> read_head(HttpRequest& request);

  /// True when a body follows the head; unread, it takes the connection with it.
  bool has_body() const { return !parser_.is_done(); }

  /// The most bytes that the body has.
  std::size_t most_body() const;

  /// Reads the body into `request`. False when the client left before its end.
  boost::asio::awaitable<bool> read_body(HttpRequest& request);

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  boost::asio::awaitable<bool> wait_for_head();
  void parse_head();
  void parse_body();
  bool waits_for_leave() const;

  Connection& connection_;
  Parser parser_;
};

}  // namespace charrnn
