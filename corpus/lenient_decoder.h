#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/utf8.h"
#include "corpus/input_file.h"
#include "corpus/text_form.h"

namespace charrnn {

/// Calls `sink(character, byte)` for the characters of UTF-8 text that need not be well-formed,
/// from byte `from` of `file` (where a character begins) up to `to`, until it returns false.
/// Ill-formed sequences are U+FFFD, or nothing with Invalid::kSkip; newlines are translated after
/// that, as Python does. `byte` is where the character begins.
template <typename Sink>
void decode_leniently(const InputFile& file, std::uint64_t from, std::uint64_t to,
                      const TextForm& form, std::uint64_t at_once, Sink sink) {
  constexpr std::uint64_t kLeastBytes = 64;
  constexpr std::uint64_t kMostBytes = 65536;
  constexpr std::size_t kLongest = 4;  // bytes of a sequence
  std::vector<char> buffer(std::min(std::clamp(at_once, kLeastBytes, kMostBytes), to - from));
  bool after_return = false;
  while (from < to) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), to - from));
    file.read_exactly(from, buffer.data(), size);
    const bool last = from + size == to;
    const char* const end = buffer.data() + size;
    const char* at = buffer.data();
    std::uint64_t behind = from;  // the byte of the file at `at`
    while (at < end && (last || at + kLongest <= end)) {
      Utf8Step step = next_utf8(at, end);
      const std::uint64_t byte = behind;
      at += step.length;
      behind += step.length;
      if (!step.valid && form.invalid == Invalid::kSkip) continue;
      const bool merged = form.universal && after_return && step.character == '\n';
      after_return = step.character == '\r';
      if (merged) continue;
      if (form.universal && after_return) step.character = '\n';
      if (!sink(step.character, byte)) return;
    }
    from = behind;
  }
}

}  // namespace charrnn
