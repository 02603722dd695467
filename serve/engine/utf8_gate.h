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

  /// True when a character has begun that is not whole yet.
  bool waits() const { return !begun_.empty(); }

 private:
  std::string begun_;
};

}  // namespace charrnn
