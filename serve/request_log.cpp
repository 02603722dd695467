#include "serve/request_log.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <ctime>

#include "base/standard_error.h"

namespace charrnn {
namespace {

std::string time_text(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

boost::json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string log_line(RequestLog form, const LoggedRequest& request, std::int64_t seconds) {
  const auto milliseconds = static_cast<std::int64_t>(std::llround(request.time.count() * 1000));
  const std::string_view client = request.client.empty() ? "unix" : request.client;
  if (form == RequestLog::kJson) {
    return boost::json::serialize(boost::json::object{{"time", time_text(seconds)},
                                                      {"id", view(request.id)},
                                                      {"client", view(client)},
                                                      {"method", view(request.method)},
                                                      {"target", view(request.target)},
                                                      {"status", request.status},
                                                      {"bytes", request.bytes},
                                                      {"milliseconds", milliseconds}});
  }
  std::string line = time_text(seconds);
  for (const std::string_view word : {request.id, client, request.method, request.target}) {
    line += ' ';
    line += word.empty() ? "-" : word;
  }
  return line + ' ' + std::to_string(request.status) + ' ' + std::to_string(request.bytes) + "B " +
         std::to_string(milliseconds) + "ms";
}

void log_request(RequestLog form, const LoggedRequest& request) {
  if (form == RequestLog::kOff) return;
  tell_record(log_line(form, request, std::time(nullptr)));
}

}  // namespace charrnn
