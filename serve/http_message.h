#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serve/budget.h"
#include "serve/held_bytes.h"
#include "serve/request_error.h"

namespace charrnn {

/// A request that was read whole.
struct HttpRequest {
  std::string method;
  std::string path;   ///< of the target, without the query
  std::string query;  ///< without '?'
  std::string host;
  std::string content_type;
  std::string key;  ///< of `Authorization: Bearer` or `X-Api-Key`
  std::string body;
  bool keep_alive = true;
  bool old_version = false;  ///< HTTP/1.0: no chunks
};

/// An answer that is known whole.
struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  HeldBytes held = {};       ///< the rest of the body, behind `body`
  Budget::Share share = {};  ///< of what all clients may hold; given back when this was sent
};

HttpResponse json_response(const boost::json::value& value, int status = 200);

/// The answer to a refused request; says when to come again where that helps.
HttpResponse error_response(const RequestError& error);

/// The bytes of an answer without what it holds; the body only when `with_body` (HEAD has none).
std::string response_bytes(const HttpResponse& response, bool keep_alive, bool with_body = true);

/// The head of an answer that comes as server-sent events; in chunks unless `old_version`.
std::string event_stream_head(bool old_version, bool keep_alive);

/// One chunk of a body. An empty one ends the body.
std::string chunk(std::string_view bytes);

/// One server-sent event.
std::string event(std::string_view data);

/// The text of an HTTP status.
std::string_view reason_of(int status);

}  // namespace charrnn
