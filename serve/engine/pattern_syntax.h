#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace charrnn {

/// Why a regular expression cannot be used, in words for the person who wrote it.
class PatternError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A regular expression as it is given to the library, and what it is made of.
struct PatternSyntax {
  /// The same expression, written so that repetitions without an upper bound count nothing: `x+`
  /// became `xx*`, and `x{2,}` became `x{2}x*`.
  std::string pattern;
  /// Each thing in it that matches one character, once: `a`, `\d`, `[a-z]`, `.`.
  std::vector<std::string> atoms;
};

/// Reads a regular expression (UTF-8). It may have what looks at one character after another and at
/// nothing else: characters, `.`, classes, escapes for characters and classes, groups, `|`, the
/// quantifiers, and `^` and `$` for the text's ends. Throws PatternError for anything else, such as
/// look-around, back references, word boundaries, options and possessive quantifiers.
PatternSyntax read_pattern(std::string_view regex);

}  // namespace charrnn
