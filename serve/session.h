#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "serve/connection.h"
#include "serve/service.h"
#include "serve/tls.h"

namespace charrnn {

/// Serves one client from its first byte to its last: in TLS where `tls` is not null, then HTTP or
/// the plain protocol, as its first line decides. Everything that is borrowed outlives it.
boost::asio::awaitable<void> serve_client(Service& service, Connection::Socket socket,
                                          Connection::Ends ends, std::shared_ptr<TlsContext> tls);

}  // namespace charrnn
