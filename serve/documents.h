#pragma once

#include <string>
#include <string_view>

#include "serve/http_message.h"
#include "serve/service.h"

namespace charrnn {

/// The description of the HTTP interface, OpenAPI 3.1.
std::string_view openapi_json();

/// The page: one file without outside resources, under a strict content security policy.
HttpResponse page_response();

/// What the run has recorded from byte `from` (of the query `from=N`) on: whole lines of
/// metrics.jsonl, at most 1 MiB, with the place of the next byte in `X-Next`. 404 without a run.
HttpResponse run_metrics_response(const Service& service, const Target& target);

/// What the run does now, as the training tells it. 404 without a run.
HttpResponse run_status_response(const Service& service);

}  // namespace charrnn
