#include "serve/routes.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>

#include "serve/documents.h"
#include "serve/model_info.h"

namespace charrnn {
namespace {

struct RouteRow {
  std::string_view path;
  std::string_view method;
  Route route;
  bool open = false;  // needs no key
};

constexpr std::array<RouteRow, 12> kRoutes = {{
    {"/v1/completions", "POST", Route::kCompletions},
    {"/v1/score", "POST", Route::kScore},
    {"/v1/models", "GET", Route::kModels},
    {"/v1/models/charrnn", "GET", Route::kModel},
    {"/health", "GET", Route::kHealth, true},
    {"/ready", "GET", Route::kReady, true},
    {"/metrics", "GET", Route::kMetrics},
    {"/props", "GET", Route::kProps},
    {"/openapi.json", "GET", Route::kOpenApi},
    {"/", "GET", Route::kPage, true},
    {"/run/metrics", "GET", Route::kRunMetrics},
    {"/run/status", "GET", Route::kRunStatus},
}};

[[noreturn]] void refuse_path(const HttpRequest& request) {
  if (request.path == "/v1/chat/completions") {
    throw RequestError(404, "a character model has no chat; use /v1/completions", "", "not_found");
  }
  if (request.path.starts_with("/v1/models/")) {
    throw RequestError(404, "there is one model here: charrnn", "model", "model_not_found");
  }
  throw RequestError(404, "there is nothing at this path; see /openapi.json", "", "not_found");
}

void check_method(const RouteRow& row, const HttpRequest& request) {
  const bool head = request.method == "HEAD" && row.method == "GET";
  if (request.method != row.method && !head) {
    throw RequestError(405, "this path takes " + std::string(row.method), "", "method_not_allowed");
  }
  // Only a page of our own may send JSON from a browser without asking first.
  if (row.method == "POST" && !request.content_type.starts_with("application/json")) {
    throw RequestError(415, "Content-Type must be application/json", "", "unsupported_media_type");
  }
}

bool bound_to_loopback(const Service& service) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(service.options().address, error);
  return !error && address.is_loopback();
}

HttpResponse ready_response(const Service& service) {
  if (service.draining()) throw RequestError(503, "the server is stopping", "", "shutting_down");
  service.snapshot();
  return json_response({{"status", "ok"}});
}

}  // namespace

Route route_of(const Service& service, const HttpRequest& request) {
  if (bound_to_loopback(service) && !is_loopback_host(request.host)) {
    throw RequestError(403, "the Host header must name this machine: localhost or 127.0.0.1", "",
                       "host_not_allowed");
  }
  const auto* const row = std::find_if(kRoutes.begin(), kRoutes.end(), [&](const RouteRow& one) {
    return one.path == request.path;
  });
  if ((row == kRoutes.end() || !row->open) && !service.keys().accept(request.key)) {
    throw RequestError(401, "a key of this server is needed: Authorization: Bearer KEY", "",
                       "invalid_api_key");
  }
  if (row == kRoutes.end()) refuse_path(request);
  check_method(*row, request);
  return row->route;
}

HttpResponse answer_at_once(Service& service, Route route, const HttpRequest& request) {
  switch (route) {
    case Route::kHealth:
      return json_response({{"status", "ok"}});
    case Route::kReady:
      return ready_response(service);
    case Route::kModels:
      return json_response(models_object(service));
    case Route::kModel:
      return json_response(model_object(service));
    case Route::kProps:
      return json_response(props_object(service));
    case Route::kMetrics:
      return {200, "text/plain; version=0.0.4; charset=utf-8", all_metrics(service), {}};
    case Route::kOpenApi:
      return {200, "application/json", std::string(openapi_json()), {}};
    case Route::kPage:
      return page_response();
    case Route::kRunMetrics:
      return run_metrics_response(service, request.query);
    case Route::kRunStatus:
      return run_status_response(service);
    default:
      throw RequestError(404, "there is nothing at this path", "", "not_found");
  }
}

}  // namespace charrnn
