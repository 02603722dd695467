#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "serve/server.h"

namespace charrnn {

/// Listens on the address and port of the options. Throws Error(kBind) that says what to do: the
/// address is not ours or in use, or others could use it without a key.
boost::asio::ip::tcp::acceptor listen_on_port(boost::asio::io_context& io,
                                              const ServeOptions& options);

/// Listens on a UNIX socket that only this user can open. Replaces what a server that is gone left
/// there. Throws Error(kBind).
boost::asio::local::stream_protocol::acceptor listen_on_file(boost::asio::io_context& io,
                                                             const std::filesystem::path& file);

/// How many connections may be open at a time: as many as the options say, but half of the files
/// that this process may open, or all but 512, are left to whatever trains beside the endpoint.
std::size_t most_connections(const ServeOptions& options);

}  // namespace charrnn
