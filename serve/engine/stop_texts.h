#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace charrnn {

/// Looks for texts that end a stream. Text that may be the beginning of one is held back until that
/// is decided, so no part of a stop text is ever given out.
class StopTexts {
 public:
  explicit StopTexts(std::vector<std::string> texts) : texts_(std::move(texts)) {}

  /// Takes the next text; appends to `out` what can be given out now. True when a stop text came:
  /// the text before it has been given out, and what follows is to be dropped.
  bool push(std::string_view text, std::string& out);

  /// The stream ends without a stop text: appends what was held back.
  void finish(std::string& out);

 private:
  std::vector<std::string> texts_;
  std::string held_;
};

}  // namespace charrnn
