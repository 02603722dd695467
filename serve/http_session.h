#pragma once

#include <boost/asio/awaitable.hpp>

#include "serve/connection.h"
#include "serve/service.h"

namespace charrnn {

/// Serves one client of HTTP: request after request, until it is done, leaves, or says something
/// that is not sound.
boost::asio::awaitable<void> http_session(Service& service, Connection& connection);

}  // namespace charrnn
