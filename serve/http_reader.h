#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "serve/connection.h"
#include "serve/http_message.h"

namespace charrnn {

/// Reads one request of at most 8 KiB of head and 1 MiB of body. Nothing when the client left or
/// is done. Throws RequestError for one that is not to be believed; then the connection has to be
/// closed, since nobody knows where the next request begins.
boost::asio::awaitable<std::optional<HttpRequest>> read_http_request(Connection& connection,
                                                                     double body_seconds);

}  // namespace charrnn
