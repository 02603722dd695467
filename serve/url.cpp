#include "serve/url.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/src.hpp>
#include <boost/url/url_view.hpp>
#include <cctype>

#include "serve/request_error.h"

namespace charrnn {
namespace {

namespace urls = boost::urls;

[[noreturn]] void refuse(const std::string& reason) {
  throw RequestError(400, "the target of the request " + reason, "", "bad_target");
}

urls::url_view parsed(urls::string_view target) {
  const auto url =
      target.starts_with('/') ? urls::parse_origin_form(target) : urls::parse_absolute_uri(target);
  if (!url) refuse("must be a path that begins with '/', or a URL");
  return *url;
}

}  // namespace

std::optional<std::string> Target::parameter(std::string_view name) const {
  const auto found = std::find_if(query.begin(), query.end(),
                                  [name](const auto& one) { return one.first == name; });
  return found == query.end() ? std::nullopt : std::optional(found->second);
}

Target parse_target(std::string_view text) {
  const urls::url_view url = parsed({text.data(), text.size()});
  if (url.has_userinfo()) refuse("must not name a user");
  Target target;
  target.path = url.path();
  if (target.path.empty()) target.path = "/";
  for (const auto& one : url.params()) target.query.emplace_back(one.key, one.value);
  if (url.has_authority()) {
    const auto authority = url.encoded_host_and_port();
    target.host = host_name({authority.data(), authority.size()}).value_or("");
  }
  return target;
}

std::optional<std::string> host_name(std::string_view host) {
  const auto authority = urls::parse_authority({host.data(), host.size()});
  if (!authority || authority->has_userinfo() || authority->host().empty()) return std::nullopt;
  std::string name = authority->host_address();
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(name, error);
  if (!error) return address.to_string();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

}  // namespace charrnn
