#pragma once

#include <cstdint>

namespace charrnn {

struct CorpusOptions;

enum class Encoding : std::uint8_t { kUtf8, kUtf16, kLatin1, kBytes };
enum class Invalid : std::uint8_t { kError, kReplace, kSkip };

/// How the bytes of a file become characters.
struct TextForm {
  Encoding encoding = Encoding::kUtf8;
  Invalid invalid = Invalid::kError;
  /// CRLF and CR are read as LF. Never with kBytes: bytes are no text.
  bool universal = true;
  /// Canonical composition (NFC) on the way into the cache.
  bool compose = false;

  /// True when every byte is one character (CRLF apart).
  bool single_byte() const { return encoding == Encoding::kLatin1 || encoding == Encoding::kBytes; }
};

/// The form that the options name. Throws Error(kConfig) for words that they do not know.
TextForm text_form(const CorpusOptions& options);

}  // namespace charrnn
