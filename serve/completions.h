#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "serve/connection.h"
#include "serve/http_message.h"
#include "serve/service.h"

namespace charrnn {

/// Answers POST /v1/completions. With `stream` it sends the answer itself and returns nothing, and
/// sets `keep_alive` to whether the connection can stay. Returns nothing, too, when the client has
/// left; then the connection is closed. Both take the request's body. Throws RequestError.
boost::asio::awaitable<std::optional<HttpResponse>> answer_completion(Service& service,
                                                                      Connection& connection,
                                                                      HttpRequest& request,
                                                                      bool& keep_alive);

/// Answers POST /v1/score: how surprised the model is by each character of `text`. Nothing when the
/// client has left; then the connection is closed. Throws RequestError.
boost::asio::awaitable<std::optional<HttpResponse>> answer_score(Service& service,
                                                                 Connection& connection,
                                                                 HttpRequest& request);

}  // namespace charrnn
