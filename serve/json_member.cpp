#include "serve/json_member.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <utility>

namespace charrnn {
namespace {

namespace json = boost::json;
using json::error_code;
using json::string_view;

constexpr std::size_t kLongest = 4096;

// Sees the parser's events go by, and keeps the text of one member of the outermost object.
class TextFinder {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  explicit TextFinder(std::string_view name) : name_(name) {}

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return enter(); }
  bool on_object_end(std::size_t, error_code&) { return leave(); }
  bool on_array_begin(error_code&) { return enter(); }
  bool on_array_end(std::size_t, error_code&) { return leave(); }
  bool on_key_part(string_view part, std::size_t, error_code&) { return take(part, key_); }
  bool on_key(string_view part, std::size_t, error_code&) {
    take(part, key_);
    wanted_ = depth_ == 1 && key_ == name_;
    key_.clear();
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) {
    return !wanted_ || take(part, text_);
  }
  bool on_string(string_view part, std::size_t, error_code& error) {
    if (!wanted_) return true;
    take(part, text_);
    if (text_.size() <= kLongest) found_ = text_;
    // What follows does not matter.
    error = json::error::extra_data;
    return false;
  }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t, string_view, error_code&) { return true; }
  bool on_uint64(std::uint64_t, string_view, error_code&) { return true; }
  bool on_double(double, string_view, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

  std::optional<std::string> found() { return std::move(found_); }

 private:
  bool enter() {
    ++depth_;
    wanted_ = false;
    return true;
  }
  bool leave() {
    --depth_;
    return true;
  }
  // One byte more than the longest tells that it is too long.
  static bool take(string_view part, std::string& to) {
    const std::size_t room = kLongest + 1 - to.size();
    to.append(part.data(), std::min(part.size(), room));
    return true;
  }

  const std::string_view name_;
  std::size_t depth_ = 0;
  bool wanted_ = false;
  std::string key_;
  std::string text_;
  std::optional<std::string> found_;
};

}  // namespace

std::optional<std::string> find_text(std::string_view text, std::string_view name) {
  json::basic_parser<TextFinder> parser(json::parse_options{}, name);
  error_code error;
  parser.write_some(false, text.data(), text.size(), error);
  return parser.handler().found();
}

}  // namespace charrnn
