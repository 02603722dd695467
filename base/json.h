#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace charrnn {

/// Parses JSON from a file that may be damaged or hostile. Refuses duplicate keys (the library
/// alone keeps the last one silently), bad UTF-8, more than 32 levels, more than 1,024 members of
/// an object, and keys of more than 1,024 bytes. Numbers keep every bit that their digits tell.
/// Throws Error(kCheckpoint) naming `origin` and the fault.
boost::json::value parse_json(std::string_view text, const std::string& origin);

/// JSON text with one member a line and a newline at the end. Keys stay in their order and numbers
/// are as short as they can be without losing a bit, so equal values give equal bytes.
std::string print_json(const boost::json::value& value);

/// The members of one JSON object, each asked for by name, type and range. Every question throws
/// Error(kCheckpoint) naming the origin and the member when the answer is not as asked for.
class JsonFields {
 public:
  /// `value` must be an object and outlive this.
  JsonFields(const boost::json::value& value, std::string origin);

  /// Whether there is such a member.
  bool has(std::string_view name) const;

  /// A whole number, 0 .. `most`.
  std::uint64_t whole(std::string_view name, std::uint64_t most = UINT64_MAX);

  /// A finite number.
  double number(std::string_view name);

  /// A finite number, or nothing when the member is null.
  std::optional<double> number_or_null(std::string_view name);

  /// A string of at most `longest` bytes.
  std::string text(std::string_view name, std::size_t longest = 4096);

  /// Any value that is there.
  const boost::json::value& member(std::string_view name);

  /// Throws when the object has members that were not asked for.
  void finish() const;

 private:
  [[noreturn]] void fail(std::string_view name, const std::string& fault) const;

  const boost::json::object* object_ = nullptr;
  std::string origin_;
  std::size_t asked_ = 0;
};

}  // namespace charrnn
