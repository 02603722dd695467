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
};

/// The route of a request. Throws RequestError: its Host is not this machine (403), there is no
/// such path (404), its key is none of ours (401), its method is not the path's (405), or its body
/// is not JSON (415).
Route route_of(const Service& service, const HttpRequest& request);

/// The answer of a route that needs no engine.
HttpResponse answer_at_once(Service& service, Route route, const HttpRequest& request);

}  // namespace charrnn
