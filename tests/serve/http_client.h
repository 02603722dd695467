#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <string>
#include <vector>

#include "tests/serve/client.h"

namespace charrnn {

/// An HTTP answer as a client reads it.
struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< without chunk framing

  boost::json::value json() const;
  /// The data of the events of an event stream.
  std::vector<std::string> events() const;
};

/// Reads one answer.
HttpAnswer read_answer(Client& client);

/// One request on a connection of its own.
HttpAnswer get(std::uint16_t port, const std::string& path, const std::string& headers = "");
HttpAnswer post(std::uint16_t port, const std::string& path, const std::string& body,
                const std::string& headers = "");

/// The bytes of a request.
std::string get_bytes(const std::string& path, const std::string& headers = "");
std::string post_bytes(const std::string& path, const std::string& body,
                       const std::string& headers = "");

}  // namespace charrnn
