#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "serve/connection.h"
#include "serve/service.h"

namespace charrnn {

/// How the pieces of one request's streams become bytes for its client.
struct StreamFormat {
  /// Appends the bytes of a piece of stream number `index`; may append none.
  std::function<void(std::size_t index, const Piece& piece, std::string& out)> piece;
  /// Sent before anything else, when all streams have been started.
  std::string head;
  /// Sent when nothing was made for a while; empty: nothing.
  std::string ping;
  /// Sent once when the client has ended its input before anything else was sent: who has left
  /// answers with a reset, and who only has no more to ask ignores it. Empty: nothing.
  std::string probe;
};

/// How a request's streams went.
struct Sent {
  bool whole = false;             ///< every stream's last piece was sent; else the client has left
  std::optional<Finish> failure;  ///< why some stream did not end by itself
  std::vector<std::shared_ptr<Stream>> streams;
};

/// Starts the generations of one request and sends their text as it is made, until the last piece
/// of each or until the client has left, which frees their rows at once. Throws RequestError,
/// before anything was sent, when they can not be started.
boost::asio::awaitable<Sent> send_streams(Service& service, Connection& connection,
                                          std::vector<Generation> generations,
                                          const StreamFormat& format);

}  // namespace charrnn
