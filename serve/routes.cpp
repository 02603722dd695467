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

constexpr std::string_view kModelPath = "/v1/models/charrnn";

constexpr std::array<RouteRow, 13> kRoutes = {{
    {"/v1/completions", "POST", Route::kCompletions},
    {"/v1/score", "POST", Route::kScore},
    {"/v1/models", "GET", Route::kModels},
    {kModelPath, "GET", Route::kModel},
    {"/health", "GET", Route::kHealth, true},
    {"/v1/health", "GET", Route::kHealth, true},
    {"/ready", "GET", Route::kReady, true},
    {"/metrics", "GET", Route::kMetrics},
    {"/props", "GET", Route::kProps},
    {"/openapi.json", "GET", Route::kOpenApi},
    {"/", "GET", Route::kPage, true},
    {"/run/metrics", "GET", Route::kRunMetrics},
    {"/run/status", "GET", Route::kRunStatus},
}};

[[noreturn]] void refuse_path(const HttpRequest& request) {
  if (request.parts.path == "/v1/chat/completions") {
    throw RequestError(404, "a character model has no chat; use /v1/completions", "", "not_found");
  }
  if (request.parts.path.starts_with("/v1/models/")) {
    throw RequestError(404, "there is no such model here; see /v1/models", "model",
                       "model_not_found");
  }
  throw RequestError(404, "there is nothing at this path; see /openapi.json", "", "not_found");
}

void check_method(const RouteRow& row, const HttpRequest& request) {
  const bool head = request.method == "HEAD" && row.method == "GET";
  if (request.method != row.method && !head) {
    throw RequestError(405, "this path takes " + std::string(row.method), "", "method_not_allowed");
  }
  // Only a page of our own may send JSON from a browser without asking first.
  if (row.method == "POST" && !is_json(request.content_type)) {
    throw RequestError(415, "Content-Type must be application/json", "", "unsupported_media_type");
  }
}

// A checkpoint is a model of its own.
const RouteRow* row_of(std::string_view path) {
  if (path.starts_with(kModelPath) && path.substr(kModelPath.size()).starts_with('@')) {
    path = kModelPath;
  }
  const auto* const row = std::find_if(kRoutes.begin(), kRoutes.end(),
                                       [path](const RouteRow& one) { return one.path == path; });
  return row == kRoutes.end() ? nullptr : row;
}

bool bound_to_loopback(const Service& service) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(service.options().address, error);
  return !error && address.is_loopback();
}

// Who shows a key is no page that found this machine by another name. Nothing
// else keeps one out where no key is asked for. No page reaches a UNIX socket.
void check_host(const Service& service, const HttpRequest& request) {
  const bool guarded = bound_to_loopback(service) || !service.keys().required();
  if (request.local.empty() || !guarded) return;
  if (service.host_names().accept(request.host, request.local)) return;
  throw RequestError(403,
                     "the Host header must name this machine: localhost, the address that it "
                     "listens on, or a name of serve.allowed_hosts",
                     "", "host_not_allowed");
}

bool is_allowed_origin(const Service& service, const HttpRequest& request) {
  const auto& origins = service.options().cors_origins;
  return !request.origin.empty() &&
         std::any_of(origins.begin(), origins.end(),
                     [&](const std::string& one) { return one == "*" || one == request.origin; });
}

HttpResponse preflight_response(const HttpRequest& request) {
  HttpResponse response{200, "text/plain", "", {}};
  response.headers = {
      {"Access-Control-Allow-Methods", methods_of(request.parts.path)},
      {"Access-Control-Allow-Headers", "Authorization, Content-Type, X-Api-Key, X-Request-Id"},
      {"Access-Control-Max-Age", "600"}};
  return response;
}

HttpResponse ready_response(const Service& service) {
  if (service.draining()) throw RequestError(503, "the server is stopping", "", "shutting_down");
  service.snapshot();
  return json_response({{"status", "ok"}});
}

}  // namespace

Route route_of(const Service& service, const HttpRequest& request) {
  check_host(service, request);
  const RouteRow* const row = row_of(request.parts.path);
  // Browsers show no key when they ask whether they may.
  if (row != nullptr && request.preflight && is_allowed_origin(service, request)) {
    return Route::kPreflight;
  }
  if ((row == nullptr || !row->open) && !service.keys().accept(request.key)) {
    throw RequestError(401, "a key of this server is needed: Authorization: Bearer KEY", "",
                       "invalid_api_key");
  }
  if (row == nullptr) refuse_path(request);
  check_method(*row, request);
  return row->route;
}

std::string methods_of(std::string_view path) {
  const RouteRow* const row = row_of(path);
  if (row == nullptr) return "";
  return row->method == "GET" ? "GET, HEAD" : std::string(row->method);
}

void allow_origin(const Service& service, HttpRequest& request) {
  if (!service.options().cors_origins.empty()) request.answer.emplace_back("Vary", "Origin");
  if (!is_allowed_origin(service, request)) return;
  request.answer.emplace_back("Access-Control-Allow-Origin", request.origin);
  request.answer.emplace_back("Access-Control-Expose-Headers", "X-Next, X-Request-Id, Retry-After");
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
      return json_response(named_model_object(
          service, request.parts.path.substr(request.parts.path.rfind('/') + 1)));
    case Route::kProps:
      return json_response(props_object(service));
    case Route::kMetrics:
      return {200, "text/plain; version=0.0.4; charset=utf-8", all_metrics(service), {}};
    case Route::kOpenApi:
      return {200, "application/json", std::string(openapi_json()), {}};
    case Route::kPage:
      return page_response();
    case Route::kRunMetrics:
      return run_metrics_response(service, request.parts);
    case Route::kRunStatus:
      return run_status_response(service);
    case Route::kPreflight:
      return preflight_response(request);
    default:
      throw RequestError(404, "there is nothing at this path", "", "not_found");
  }
}

}  // namespace charrnn
