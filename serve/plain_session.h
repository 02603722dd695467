#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "serve/connection.h"
#include "serve/service.h"

namespace charrnn {

/// Serves one client of the plain protocol, whose first line was read: a prompt line is answered
/// with text and the end; JSON lines are answered one after the other until the input ends.
boost::asio::awaitable<void> plain_session(Service& service, Connection& connection,
                                           std::string line);

}  // namespace charrnn
