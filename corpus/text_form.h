#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/named_enum.h"

#include "corpus/windows_1252.h"

namespace charrnn {

struct CorpusOptions;

/// How bytes become characters.
enum class Encoding : std::uint8_t {
  kUtf8,
  kUtf16,       ///< little or big endian, as its byte order mark says
  kLatin1,      ///< each byte is the character with its number
  kBytes,       ///< each byte is a symbol by itself and stands for no character
  kWindows1252  ///< as Latin-1, with other characters for the bytes 0x80 to 0x9F
};
template <>
inline constexpr std::array<std::string_view, 5> kWords<Encoding>{"utf-8", "utf-16", "latin-1",
                                                                  "bytes", "windows-1252"};

/// What happens to bytes that are not valid in the encoding.
enum class Invalid : std::uint8_t {
  kError,    ///< the text is refused
  kReplace,  ///< U+FFFD takes their place
  kSkip,     ///< they are left out
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<Invalid>{"error", "replace", "skip"};

/// What happens to line ends.
enum class Newlines : std::uint8_t {
  kUniversal,  ///< CRLF and CR are read as LF, as Python's text mode does
  kKeep,       ///< they stay as they are
};
template <>
inline constexpr std::array<std::string_view, 2> kWords<Newlines>{"universal", "keep"};

/// Which Unicode normal form the text is brought into.
enum class NormalForm : std::uint8_t {
  kNone,  ///< none: it stays as it is
  kNfc,   ///< canonical composition: a letter and its accent become one character
};
template <>
inline constexpr std::array<std::string_view, 2> kWords<NormalForm>{"none", "nfc"};

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

/// The form that the options name. Throws Error(kConfig) when they contradict each other.
TextForm text_form(const CorpusOptions& options);

}  // namespace charrnn
