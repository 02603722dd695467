#include "tests/serve/http_client.h"

#include <algorithm>
#include <boost/json/parse.hpp>

namespace charrnn {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string line_of(Client& client) {
  std::string line = client.read_line();
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

std::string read_chunks(Client& client) {
  std::string body;
  while (true) {
    const std::string size_line = line_of(client);
    const std::size_t size = size_line.empty() ? 0 : std::stoul(size_line, nullptr, 16);
    body += client.read_exactly(size);
    line_of(client);
    if (size == 0) return body;
  }
}

}  // namespace

boost::json::value HttpAnswer::json() const {
  return boost::json::parse(boost::json::string_view(body.data(), body.size()));
}

std::vector<std::string> HttpAnswer::events() const {
  std::vector<std::string> data;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = body.find("\n\n", at);
    const std::string one = body.substr(at, end - at);
    if (one.starts_with("data: ")) data.push_back(one.substr(6));
    if (end == std::string::npos) break;
    at = end + 2;
  }
  return data;
}

HttpAnswer read_answer(Client& client) {
  HttpAnswer answer;
  const std::string status = line_of(client);
  if (status.size() > 11) answer.status = std::stoi(status.substr(9, 3));
  for (std::string line = line_of(client); !line.empty(); line = line_of(client)) {
    const auto colon = line.find(": ");
    answer.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
  }
  // Not the answer yet.
  if (answer.status / 100 == 1) return read_answer(client);
  if (answer.headers.contains("content-length")) {
    answer.body = client.read_exactly(std::stoul(answer.headers["content-length"]));
  } else if (answer.headers.contains("transfer-encoding")) {
    answer.body = read_chunks(client);
  } else {
    answer.body = client.read_all();
  }
  return answer;
}

std::string get_bytes(const std::string& path, const std::string& headers) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

std::string post_bytes(const std::string& path, const std::string& body,
                       const std::string& headers) {
  return "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:1\r\nContent-Type: application/json\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

HttpAnswer get(std::uint16_t port, const std::string& path, const std::string& headers) {
  Client client(port);
  client.send(get_bytes(path, headers));
  return read_answer(client);
}

HttpAnswer post(std::uint16_t port, const std::string& path, const std::string& body,
                const std::string& headers) {
  Client client(port);
  client.send(post_bytes(path, body, headers));
  return read_answer(client);
}

}  // namespace charrnn
