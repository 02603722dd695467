#include "serve/engine/utf8_gate.h"

#include "base/utf8.h"

namespace charrnn {

void Utf8Gate::push(std::string_view bytes, std::string& out) {
  begun_ += bytes;
  const char* at = begun_.data();
  const char* const end = at + begun_.size();
  while (at != end) {
    const Utf8Step step = next_utf8(at, end);
    if (step.truncated) break;
    append_utf8(step.character, out);
    at += step.length;
  }
  begun_.erase(0, static_cast<std::size_t>(at - begun_.data()));
}

}  // namespace charrnn
