#pragma once

#include <cstdint>

#include "corpus/windows_1252.h"

namespace charrnn {

struct CorpusOptions;

enum class Encoding : std::uint8_t { kUtf8, kUtf16, kLatin1, kBytes, kWindows1252 };
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
  bool single_byte() const { return encoding != Encoding::kUtf8 && encoding != Encoding::kUtf16; }

  /// The character of a byte, where every byte is one.
  char32_t character_of(unsigned char byte) const {
    return encoding == Encoding::kWindows1252 ? windows_1252_character(byte) : byte;
  }
};

/// The form that the options name. Throws Error(kConfig) for words that they do not know.
TextForm text_form(const CorpusOptions& options);

}  // namespace charrnn
