#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace charrnn {

/// The target of a request, with every %XX read.
struct Target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
  std::optional<std::string> host;  ///< of a target that is a whole URL; see host_name()

  /// The value of the query's first parameter of this name, or nothing.
  std::optional<std::string> parameter(std::string_view name) const;
};

/// Reads `/path?query` or a whole URL. Throws RequestError 400 for what is neither, and for a URL
/// that names a user.
Target parse_target(std::string_view target);

/// The name or address of a Host header, without its port and the brackets of IPv6, in lower case;
/// addresses in their usual form. Nothing when it is not a host, or names a user.
std::optional<std::string> host_name(std::string_view host);

}  // namespace charrnn
