#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serve/budget.h"
#include "serve/held_bytes.h"
#include "serve/request_error.h"
#include "serve/url.h"

namespace charrnn {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A request. Its head comes first; whoever may not ask is refused before the body is read.
struct HttpRequest {
  std::string method;
  std::string target;               ///< as it was sent
  Target parts;                     ///< of the target, read
  std::optional<std::string> host;  ///< see host_name(); empty: not one
  std::string local;                ///< the address that the client has reached
  std::string origin;               ///< of a browser's page
  std::string content_type;
  std::string key;  ///< of `Authorization: Bearer` or `X-Api-Key`
  std::string id;   ///< of `X-Request-Id`, or drawn
  std::string body;
  bool preflight = false;  ///< a browser asks whether its page may ask
  bool keep_alive = false;
  bool old_version = false;  ///< HTTP/1.0: no chunks
  Headers answer;            ///< what the head of the answer has, whatever it is
  Budget::Share share;       ///< of the bodies of all clients; given back when this one was read
};

/// An answer that is known whole.
struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  Headers headers;
  HeldBytes held = {};       ///< the rest of the body, behind `body`
  Budget::Share share = {};  ///< of what all clients may hold; given back when this was sent
};

HttpResponse json_response(const boost::json::value& value, int status = 200);

/// The answer to a refused request; says when to come again where that helps.
HttpResponse error_response(const RequestError& error);

/// True when a Content-Type names JSON, whatever its parameters.
bool is_json(std::string_view content_type);

/// A name for a request that brings none.
std::string drawn_id();

/// The bytes of an answer without what it holds; the body only when `with_body` (HEAD has none).
std::string response_bytes(const HttpResponse& response, bool keep_alive, bool with_body = true);

/// The head of an answer that comes as server-sent events; in chunks but for an old version.
std::string event_stream_head(const HttpRequest& request, bool keep_alive);

/// One chunk of a body. An empty one ends the body.
std::string chunk(std::string_view bytes);

/// One server-sent event.
std::string event(std::string_view data);

/// The text of an HTTP status.
std::string_view reason_of(int status);

}  // namespace charrnn
