#include "serve/http_message.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <random>

namespace charrnn {
namespace {

constexpr std::string_view kCommonHeaders =
    "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n";

// As RFC 9110, section 5.6.7, has it.
std::string date_line() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[48];
  std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
  return text;
}

std::string status_line(int status) {
  return "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason_of(status)) + "\r\n" +
         date_line();
}

void append_headers(const Headers& headers, std::string& bytes) {
  for (const auto& [name, value] : headers) bytes += name + ": " + value + "\r\n";
}

std::string connection_line(bool keep_alive) {
  return keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
}

}  // namespace

std::string_view reason_of(int status) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {reason.data(), reason.size()};
}

HttpResponse json_response(const boost::json::value& value, int status) {
  HttpResponse response;
  response.status = status;
  response.body = boost::json::serialize(value);
  return response;
}

HttpResponse error_response(const RequestError& error) {
  HttpResponse response = json_response(error.object(), error.status());
  if (error.status() == 429 || error.status() == 503) {
    response.headers.emplace_back("Retry-After", "1");
  }
  if (error.status() == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  // It would take as long again.
  if (error.status() == 408) response.headers.emplace_back("X-Should-Retry", "false");
  return response;
}

bool is_json(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find_first_of("; \t"));
  return boost::beast::iequals({type.data(), type.size()}, "application/json");
}

std::string drawn_id() {
  std::random_device device;
  char id[24];
  std::snprintf(id, sizeof id, "req-%08x%08x", device(), device());
  return id;
}

std::string response_bytes(const HttpResponse& response, bool keep_alive, bool with_body) {
  std::string bytes = status_line(response.status);
  bytes += "Content-Type: " + response.content_type + "\r\n";
  bytes +=
      "Content-Length: " + std::to_string(response.body.size() + response.held.size()) + "\r\n";
  bytes += kCommonHeaders;
  append_headers(response.headers, bytes);
  bytes += connection_line(keep_alive) + "\r\n";
  if (with_body) bytes += response.body;
  return bytes;
}

std::string event_stream_head(const HttpRequest& request, bool keep_alive) {
  std::string bytes = status_line(200);
  bytes +=
      "Content-Type: text/event-stream; "
      "charset=utf-8\r\nX-Accel-Buffering: no\r\n";
  bytes += kCommonHeaders;
  append_headers(request.answer, bytes);
  if (!request.old_version) bytes += "Transfer-Encoding: chunked\r\n";
  return bytes + connection_line(keep_alive && !request.old_version) + "\r\n";
}

std::string chunk(std::string_view bytes) {
  char size[20];
  const auto end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
  std::string result(size, end);
  result += "\r\n";
  result += bytes;
  result += "\r\n";
  return result;
}

std::string event(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

}  // namespace charrnn
