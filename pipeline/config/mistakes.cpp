#include "pipeline/config/mistakes.h"

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace charrnn {
namespace {

int order_of(const Mistake& mistake) {
  return mistake.line > 0 ? mistake.line : std::numeric_limits<int>::max();
}

std::string line_of(const Mistake& mistake) {
  std::string text = "\n  " + mistake.place + ": " + mistake.message;
  if (!mistake.suggestion.empty()) text += "; " + mistake.suggestion;
  return text;
}

}  // namespace

void throw_if_any(Mistakes mistakes) {
  if (mistakes.empty()) return;
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return order_of(a) < order_of(b); });
  std::string text = mistakes.size() == 1
                         ? "a mistake in the configuration:"
                         : std::to_string(mistakes.size()) + " mistakes in the configuration:";
  for (const Mistake& mistake : mistakes) text += line_of(mistake);
  throw Error(ErrorKind::kConfig, text);
}

}  // namespace charrnn
