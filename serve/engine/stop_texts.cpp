#include "serve/engine/stop_texts.h"

#include <algorithm>

namespace charrnn {
namespace {

// The longest end of `text` that is a beginning of `stop`, but not all of it.
std::size_t overlap(std::string_view text, std::string_view stop) {
  for (std::size_t n = std::min(text.size(), stop.size() - 1); n > 0; --n) {
    if (text.substr(text.size() - n) == stop.substr(0, n)) return n;
  }
  return 0;
}

}  // namespace

bool StopTexts::push(std::string_view text, std::string& out) {
  if (texts_.empty()) {
    out += text;
    return false;
  }
  held_ += text;
  std::size_t first = std::string::npos;
  std::size_t keep = 0;
  for (const std::string& stop : texts_) {
    first = std::min(first, held_.find(stop));
    keep = std::max(keep, overlap(held_, stop));
  }
  if (first != std::string::npos) {
    out.append(held_, 0, first);
    held_.clear();
    return true;
  }
  out.append(held_, 0, held_.size() - keep);
  held_.erase(0, held_.size() - keep);
  return false;
}

void StopTexts::finish(std::string& out) {
  out += held_;
  held_.clear();
}

}  // namespace charrnn
