#pragma once

#include <string>
#include <string_view>

namespace charrnn {

/// Lets only whole UTF-8 characters through: the first bytes of a character wait for the rest, and
/// what can not become one is replaced by U+FFFD. For alphabets of bytes, whose symbols are less
/// than characters.
class Utf8Gate {
 public:
  /// Takes the next bytes; appends to `out` the characters that are whole now.
  void push(std::string_view bytes, std::string& out);

  /// The text has ended: appends U+FFFD for a character that was begun.
  void finish(std::string& out);

 private:
  std::string begun_;
};

}  // namespace charrnn
