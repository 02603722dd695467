#include "corpus/composer.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>
#include <new>

#include "base/error.h"
#include "base/utf8.h"

namespace charrnn {
namespace {

constexpr std::size_t kLongestRun = 65536;

/// Whether composition never joins this character to one before it. False for some that it never
/// joins either, which costs nothing but waiting.
bool begins_anew(char32_t character) {
  if (character < 0x300) return true;
  const bool jamo =
      (character >= 0x1160 && character <= 0x11FF) || (character >= 0xD7B0 && character <= 0xD7FF);
  if (jamo) return false;
  const utf8proc_property_t* const property =
      utf8proc_get_property(static_cast<utf8proc_int32_t>(character));
  const bool mark = property->category == UTF8PROC_CATEGORY_MN ||
                    property->category == UTF8PROC_CATEGORY_MC ||
                    property->category == UTF8PROC_CATEGORY_ME;
  return property->combining_class == 0 && !mark;
}

/// Where the last character begins that nothing before it can change; 0 when there is none.
std::size_t last_begin(std::string_view text) {
  for (std::size_t at = text.size(); at > 0;) {
    --at;
    if (is_utf8_continuation(text[at])) continue;
    if (begins_anew(next_utf8(text.data() + at, text.data() + text.size()).character)) return at;
  }
  return 0;
}

/// Characters below U+0300 are composed already, and stay so among each other.
bool is_composed(std::string_view text) {
  for (const char byte : text) {
    if (static_cast<unsigned char>(byte) >= 0xCC) return false;
  }
  return true;
}

void compose(std::string_view text, std::string& out) {
  if (text.empty()) return;
  if (is_composed(text)) {
    out += text;
    return;
  }
  utf8proc_uint8_t* composed = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &composed,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, std::free);
  if (size == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  if (size < 0) throw Error(ErrorKind::kInternal, utf8proc_errmsg(size));
  out.append(reinterpret_cast<const char*>(composed), static_cast<std::size_t>(size));
}

}  // namespace

void Composer::feed(std::string_view text, bool last, std::string& out) {
  pending_ += text;
  std::size_t certain = last ? pending_.size() : last_begin(pending_);
  if (certain == 0 && pending_.size() > kLongestRun) certain = pending_.size();
  compose(std::string_view(pending_).substr(0, certain), out);
  pending_.erase(0, certain);
}

}  // namespace charrnn
