#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>

#include "serve/connection.h"
#include "serve/service.h"

namespace charrnn {

/// How one stream's pieces become bytes for its client.
struct StreamFormat {
  /// Appends the bytes of a piece.
  std::function<void(const Piece& piece, std::string& out)> piece;
  /// Sent when nothing was made for a while; empty: nothing.
  std::string ping;
  /// The end of input means that the client left (HTTP), and not that it has no more to ask.
  bool end_is_gone = false;
};

/// Starts a generation and sends its text as it is made, until its last piece or until the client
/// has left, which frees its row at once. Returns how it finished; nothing when the client left.
/// Throws RequestError, before anything was sent, when it can not be started.
boost::asio::awaitable<std::optional<Finish>> send_stream(Service& service, Connection& connection,
                                                          Generation generation,
                                                          const StreamFormat& format);

}  // namespace charrnn
