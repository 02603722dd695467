#include "serve/request_error.h"

namespace charrnn {
namespace {

std::string type_of(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 429:
      return "rate_limit_error";
    default:
      return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

boost::json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return boost::json::value(text);
}

}  // namespace

RequestError::RequestError(int status, const std::string& message, std::string param,
                           std::string code)
    : Error(ErrorKind::kUsage, message),
      status_(status),
      param_(std::move(param)),
      code_(std::move(code)) {}

boost::json::value RequestError::object() const {
  return {{"error",
           {{"message", what()},
            {"type", type_of(status_)},
            {"param", text_or_null(param_)},
            {"code", text_or_null(code_)}}}};
}

RequestError invalid_field(const std::string& param, const std::string& fault) {
  return {400, "'" + param + "' " + fault, param, "invalid_value"};
}

}  // namespace charrnn
