#pragma once

#include <string>
#include <string_view>

#include "serve/http_message.h"
#include "serve/service.h"

namespace charrnn {

/// What the endpoint offers over HTTP.
enum class Route {
  kCompletions,
  kScore,
  kModels,
  kModel,
  kHealth,
  kReady,
  kMetrics,
  kProps,
  kOpenApi,
  kPage,
  kRunMetrics,
  kRunStatus,
  kPreflight,  ///< a browser asks whether a page of an allowed origin may ask
};

/// The route of a request, of which only the head was read. Throws RequestError: its Host is none
/// of ours (403), there is no such path (404), its key is none of ours (401), its method is not the
/// path's (405), or its body is not JSON (415).
Route route_of(const Service& service, const HttpRequest& request);

/// The methods of a path, as `Allow` has them; empty: there is no such path.
std::string methods_of(std::string_view path);

/// Adds what lets a page of an allowed origin read the answer, whatever it is.
void allow_origin(const Service& service, HttpRequest& request);

/// The answer of a route that needs no engine.
HttpResponse answer_at_once(Service& service, Route route, const HttpRequest& request);

}  // namespace charrnn
