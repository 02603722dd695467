#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace charrnn {

/// PCRE2's DFA matcher over a text that comes in parts; it matches whole texts only, in time linear
/// in their length. One thread at a time.
class DfaMatcher {
 public:
  /// Where a matcher stands in a text: its workspace. Equal places go on alike.
  using Place = std::string;

  /// `pattern` as read_pattern() gives it. Throws PatternError with the library's words.
  explicit DfaMatcher(const std::string& pattern);

  /// In front of the text.
  Place start() const;

  /// The place after some more text; nothing when no match begins so. Throws PatternError when the
  /// matcher would have to follow too many possibilities at once.
  std::optional<Place> after(const Place& place, const std::string& text);

  /// True when a match ends at this place.
  bool ends(const Place& place);

  /// True when the whole text is a match.
  bool matches(const std::string& text);

 private:
  struct Free {
    void operator()(void* code) const;
  };
  int match(Place& place, const std::string& text, std::uint32_t options);

  std::unique_ptr<void, Free> code_;
};

}  // namespace charrnn
