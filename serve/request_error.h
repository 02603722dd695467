#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "base/error.h"

namespace charrnn {

/// A request that is refused. Its parts are those of OpenAI's error object.
class RequestError : public Error {
 public:
  /// `status`: HTTP's; `param`: the field at fault, `code`: a word for programs; empty: null.
  RequestError(int status, const std::string& message, std::string param = "",
               std::string code = "");

  int status() const { return status_; }

  /// The word for programs.
  const std::string& code_word() const { return code_; }

  /// {"error": {"message", "type", "param", "code"}}
  boost::json::value object() const;

 private:
  int status_;
  std::string param_;
  std::string code_;
};

/// A field whose value is not acceptable: 400 with its name.
RequestError invalid_field(const std::string& param, const std::string& fault);

}  // namespace charrnn
