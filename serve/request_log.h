#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "serve/options.h"

namespace charrnn {

/// One request that was answered, or whose client left. Never any text of clients.
struct LoggedRequest {
  std::string_view id;
  std::string_view client;  ///< its address; empty: a UNIX socket
  std::string_view method;  ///< of HTTP, or "LINE" of the plain protocol
  std::string_view target;  ///< as it was sent; empty for a line
  int status = 0;           ///< 0: the client left before its answer
  std::int64_t bytes = 0;   ///< that were sent
  std::chrono::duration<double> time{};
};

/// The line of a request, without its end; `form` is not kOff; `seconds` since 1970 is when
/// it was answered.
std::string log_line(RequestLog form, const LoggedRequest& request, std::int64_t seconds);

/// Writes the line to standard error, at once and whole; none when `form` is kOff. That it cannot
/// be written hurts nobody.
void log_request(RequestLog form, const LoggedRequest& request);

}  // namespace charrnn
