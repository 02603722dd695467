#include "serve/request_fields.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include "serve/request_error.h"

namespace charrnn {

namespace json = boost::json;

std::optional<std::int64_t> whole_number(const json::value& value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (value.is_int64()) return value.get_int64();
  if (value.is_uint64()) return std::numeric_limits<std::int64_t>::max();
  if (!value.is_double()) return std::nullopt;
  const double number = value.get_double();
  if (std::abs(number) > kExact || number != std::floor(number)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

const json::value* RequestFields::find(const char* name) const {
  const json::value* value = object_.if_contains(name);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

std::optional<std::int64_t> RequestFields::whole(const char* name, std::int64_t least,
                                                 std::int64_t most) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto number = whole_number(*value);
  if (!number) throw invalid_field(name, "must be a whole number");
  if (*number < least || *number > most) {
    throw invalid_field(
        name, "must be between " + std::to_string(least) + " and " + std::to_string(most));
  }
  return number;
}

std::optional<double> RequestFields::number(const char* name) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) throw invalid_field(name, "must be a number");
  const double number = value->to_number<double>();
  if (!std::isfinite(number)) throw invalid_field(name, "must be finite");
  return number;
}

double RequestFields::number(const char* name, double otherwise, double least, double most) const {
  const double value = number(name).value_or(otherwise);
  if (value >= least && value <= most) return value;
  char range[64];
  std::snprintf(range, sizeof range, "must be between %g and %g", least, most);
  throw invalid_field(name, range);
}

std::optional<bool> RequestFields::flag(const char* name) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) throw invalid_field(name, "must be true or false");
  return value->get_bool();
}

std::optional<std::string> RequestFields::text(const char* name, std::size_t longest) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) throw invalid_field(name, "must be a string");
  const auto& text = value->get_string();
  if (text.size() > longest) {
    throw invalid_field(name, "has more than " + std::to_string(longest) + " bytes");
  }
  return std::string(text.data(), text.size());
}

}  // namespace charrnn
