#pragma once

#include <string>
#include <string_view>

namespace charrnn {

/// Canonical composition (NFC) of well-formed UTF-8 that comes in pieces. For one thread.
///
/// A run of more than 64 KiB in which every character may combine with the one before it is
/// composed in parts, so that memory stays bounded; Unicode's own Stream-Safe Text Format allows 30
/// of them.
class Composer {
 public:
  /// Appends to `out` what is composed for certain; all when `last`.
  void feed(std::string_view text, bool last, std::string& out);

 private:
  std::string pending_;
};

}  // namespace charrnn
