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

std::optional<std::string> StopTexts::push(std::string_view text, std::string& out) {
  if (texts_.empty()) {
    out += text;
    return std::nullopt;
  }
  held_ += text;
  const std::string* came = nullptr;
  std::size_t first = std::string::npos;
  std::size_t keep = 0;
  for (const std::string& stop : texts_) {
    const std::size_t at = held_.find(stop);
    if (at < first) came = &stop;
    first = std::min(first, at);
    keep = std::max(keep, overlap(held_, stop));
  }
  if (came == nullptr) {
    out.append(held_, 0, held_.size() - keep);
    held_.erase(0, held_.size() - keep);
    return std::nullopt;
  }
  out.append(held_, 0, first + (included_ ? came->size() : 0));
  held_.clear();
  return *came;
}

void StopTexts::finish(std::string& out) {
  out += held_;
  held_.clear();
}

}  // namespace charrnn
