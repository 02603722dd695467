#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace charrnn {

/// Looks for texts that end a stream. Text that may be the beginning of one is held back until that
/// is decided, so that no part of a stop text is given out, unless it is to be `included`.
class StopTexts {
 public:
  explicit StopTexts(std::vector<std::string> texts, bool included = false)
      : texts_(std::move(texts)), included_(included) {}

  /// Takes the next text; appends to `out` what can be given out now. When a stop text came,
  /// returns it: the text before it has been given out, itself too if it is included, and what
  /// follows is to be dropped.
  std::optional<std::string> push(std::string_view text, std::string& out);

  /// The stream ends without a stop text: appends what was held back.
  void finish(std::string& out);

 private:
  std::vector<std::string> texts_;
  bool included_;
  std::string held_;
};

}  // namespace charrnn
