#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>

namespace charrnn {

/// The object of a request, asked field by field. A field that is null is not given. Every function
/// throws RequestError, which names the field, for a value of another type or out of bounds.
class RequestFields {
 public:
  /// `object` must outlive this.
  explicit RequestFields(const boost::json::object& object) : object_(object) {}

  /// Null when the field is not given.
  const boost::json::value* find(const char* name) const;

  /// A whole number between `least` and `most`; it may be written as 10.0.
  std::optional<std::int64_t> whole(const char* name, std::int64_t least, std::int64_t most) const;

  /// A finite number.
  std::optional<double> number(const char* name) const;

  /// A number between `least` and `most`; `otherwise` when it is not given.
  double number(const char* name, double otherwise, double least, double most) const;

  std::optional<bool> flag(const char* name) const;

  /// A string of at most `longest` bytes.
  std::optional<std::string> text(const char* name, std::size_t longest) const;

 private:
  const boost::json::object& object_;
};

/// The whole number that a JSON value is, written as 10 or as 10.0; nothing for other values. What
/// is larger than an int64 is the largest of them.
std::optional<std::int64_t> whole_number(const boost::json::value& value);

}  // namespace charrnn
