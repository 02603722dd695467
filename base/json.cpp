#include "base/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <set>
#include <vector>

#include "base/error.h"

namespace charrnn {
namespace {

namespace json = boost::json;
using json::error_code;
using json::string_view;

constexpr std::size_t kDeepest = 32;

// Members whose hashes are equal, on purpose, take time that grows with the square of their number.
constexpr std::size_t kMostMembers = 1024;
constexpr std::size_t kLongestKey = 1024;

// Builds a value from the parser's events. Numbers are read again from their digits because the
// parser of Boost 1.81 may miss the nearest double by one unit.
class ValueBuilder {
 public:
  static constexpr std::size_t max_object_size = kMostMembers;
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = kLongestKey;
  static constexpr std::size_t max_string_size = json::string::max_size();

  bool on_document_begin(error_code&) {
    stack_.reset();
    return true;
  }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code&) {
    keys_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t size, error_code&) {
    keys_.pop_back();
    stack_.push_object(size);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t size, error_code&) {
    stack_.push_array(size);
    return true;
  }

  bool on_key_part(string_view part, std::size_t, error_code&) {
    key_.append(part.data(), part.size());
    stack_.push_chars(part);
    return true;
  }
  bool on_key(string_view part, std::size_t, error_code& error) {
    key_.append(part.data(), part.size());
    stack_.push_key(part);
    if (keys_.back().insert(key_).second) {
      key_.clear();
      return true;
    }
    duplicate_ = key_;
    error = json::error::syntax;
    return false;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(string_view part, std::size_t, error_code&) {
    stack_.push_string(part);
    return true;
  }

  bool on_number_part(string_view part, error_code&) {
    number_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t value, string_view, error_code&) {
    number_.clear();
    stack_.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, string_view, error_code&) {
    number_.clear();
    stack_.push_uint64(value);
    return true;
  }
  bool on_double(double, string_view part, error_code& error) {
    number_.append(part.data(), part.size());
    double value = 0.0;
    const char* end = number_.data() + number_.size();
    const auto parsed = std::from_chars(number_.data(), end, value);
    number_.clear();
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
      error = json::error::exponent_overflow;
      return false;
    }
    stack_.push_double(value);
    return true;
  }

  bool on_bool(bool value, error_code&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

  json::value release() { return stack_.release(); }
  const std::string& duplicate() const { return duplicate_; }

 private:
  json::value_stack stack_;
  std::vector<std::set<std::string>> keys_;  // sorted: no chosen key makes it slow
  std::string key_;
  std::string number_;
  std::string duplicate_;
};

[[noreturn]] void fail(const std::string& origin, const std::string& fault) {
  throw Error(ErrorKind::kCheckpoint, origin + ": " + fault);
}

void print(const json::value& value, const std::string& indent, std::string& out);

void print_number(double value, std::string& out) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

template <typename Container, typename Member>
void print_members(const Container& members, const char* brackets, const std::string& indent,
                   std::string& out, Member print_member) {
  if (members.empty()) {
    out += brackets;
    return;
  }
  const char* separator = "";
  out += brackets[0];
  for (const auto& member : members) {
    out += separator;
    out += "\n" + indent + "  ";
    print_member(member);
    separator = ",";
  }
  out += "\n" + indent + brackets[1];
}

void print(const json::value& value, const std::string& indent, std::string& out) {
  const std::string inner = indent + "  ";
  if (const auto* object = value.if_object()) {
    print_members(*object, "{}", indent, out, [&](const json::key_value_pair& member) {
      out += json::serialize(member.key()) + ": ";
      print(member.value(), inner, out);
    });
  } else if (const auto* array = value.if_array()) {
    print_members(*array, "[]", indent, out,
                  [&](const json::value& member) { print(member, inner, out); });
  } else if (value.is_double()) {
    print_number(value.get_double(), out);
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

json::value parse_json(std::string_view text, const std::string& origin) {
  json::parse_options options;
  options.max_depth = kDeepest;
  json::basic_parser<ValueBuilder> parser(options);
  error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (!parser.handler().duplicate().empty()) {
    fail(origin, "the key \"" + parser.handler().duplicate() + "\" stands twice");
  }
  if (!error && used < text.size()) error = json::error::extra_data;
  if (error)
    fail(origin, "not valid JSON at byte " + std::to_string(used) + ": " + error.message());
  return parser.handler().release();
}

std::string print_json(const json::value& value) {
  std::string out;
  print(value, "", out);
  return out + "\n";
}

JsonFields::JsonFields(const json::value& value, std::string origin)
    : object_(value.if_object()), origin_(std::move(origin)) {
  if (object_ == nullptr) charrnn::fail(origin_, "a JSON object is expected here");
}

void JsonFields::fail(std::string_view name, const std::string& fault) const {
  charrnn::fail(origin_, "\"" + std::string(name) + "\" " + fault);
}

const json::value& JsonFields::member(std::string_view name) {
  const json::value* value = object_->if_contains(string_view(name.data(), name.size()));
  if (value == nullptr) fail(name, "is missing");
  ++asked_;
  return *value;
}

bool JsonFields::has(std::string_view name) const { return object_->contains(name); }

std::uint64_t JsonFields::whole(std::string_view name, std::uint64_t most) {
  const json::value& value = member(name);
  std::uint64_t number = 0;
  if (value.is_uint64()) {
    number = value.get_uint64();
  } else if (value.is_int64() && value.get_int64() >= 0) {
    number = static_cast<std::uint64_t>(value.get_int64());
  } else {
    fail(name, "must be a whole number that is not negative");
  }
  if (number > most) fail(name, "must be at most " + std::to_string(most));
  return number;
}

double JsonFields::number(std::string_view name) {
  const auto number = number_or_null(name);
  if (!number) fail(name, "must be a number");
  return *number;
}

std::optional<double> JsonFields::number_or_null(std::string_view name) {
  const json::value& value = member(name);
  if (value.is_null()) return std::nullopt;
  double number = 0.0;
  if (value.is_double()) {
    number = value.get_double();
  } else if (value.is_int64()) {
    number = static_cast<double>(value.get_int64());
  } else if (value.is_uint64()) {
    number = static_cast<double>(value.get_uint64());
  } else {
    fail(name, "must be a number");
  }
  if (!std::isfinite(number)) fail(name, "must be a finite number");
  return number;
}

std::string JsonFields::text(std::string_view name, std::size_t longest) {
  const json::string* value = member(name).if_string();
  if (value == nullptr) fail(name, "must be a string");
  if (value->size() > longest) {
    fail(name, "must have at most " + std::to_string(longest) + " bytes");
  }
  return std::string(value->data(), value->size());
}

void JsonFields::finish() const {
  if (asked_ != object_->size()) charrnn::fail(origin_, "it has members that do not belong there");
}

}  // namespace charrnn
