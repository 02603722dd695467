#include "serve/documents.h"

#include <charconv>
#include <fstream>

namespace charrnn {
namespace {

constexpr std::size_t kMostRecords = 1024 * 1024;

constexpr std::string_view kNonceMark = "@nonce@";

// Only the page's own script and style, which carry the nonce of this answer, may run.
std::string policy(const std::string& nonce) {
  return "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce +
         "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action "
         "'none'; "
         "frame-ancestors 'none'";
}

std::uint64_t from_of(const Target& target) {
  std::uint64_t from = 0;
  const std::string text = target.parameter("from").value_or("0");
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, from);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    throw invalid_field("from", "must be a whole number");
  }
  return from;
}

[[noreturn]] void no_run() { throw RequestError(404, "no training runs here", "", "no_run"); }

}  // namespace

extern const std::string_view kOpenApiText;
extern const std::string_view kPageText;

std::string_view openapi_json() { return kOpenApiText; }

HttpResponse page_response() {
  HttpResponse response{200, "text/html; charset=utf-8", std::string(kPageText), {}};
  const std::string nonce = std::to_string(drawn_seed());
  for (auto at = response.body.find(kNonceMark); at != std::string::npos;
       at = response.body.find(kNonceMark, at)) {
    response.body.replace(at, kNonceMark.size(), nonce);
  }
  response.headers.emplace_back("Content-Security-Policy", policy(nonce));
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

HttpResponse run_metrics_response(const Service& service, const Target& target) {
  const auto& file = service.options().metrics_file;
  const std::uint64_t from = from_of(target);
  if (file.empty()) no_run();
  std::ifstream in(file, std::ios::binary);
  std::string records(kMostRecords, '\0');
  if (in.seekg(static_cast<std::streamoff>(from))) {
    in.read(records.data(), static_cast<std::streamsize>(records.size()));
  }
  records.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  // The last line may still be written.
  records.resize(records.rfind('\n') == records.npos ? 0 : records.rfind('\n') + 1);
  HttpResponse response{200, "application/x-ndjson", std::move(records), {}};
  response.headers.emplace_back("X-Next", std::to_string(from + response.body.size()));
  return response;
}

HttpResponse run_status_response(const Service& service) {
  if (!service.options().run_status) no_run();
  return {200, "application/json", service.options().run_status(), {}};
}

}  // namespace charrnn
