#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace charrnn {

/// The byte order mark as UTF-8, which a text may begin with.
inline constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

/// One character, or one ill-formed sequence, of UTF-8.
struct Utf8Step {
  char32_t character = 0;   ///< the code point; U+FFFD when ill-formed
  std::uint8_t length = 0;  ///< bytes that it takes
  bool valid = false;
  bool truncated = false;  ///< ill-formed only because the bytes end here
};

/// The well-formed ranges of Unicode 15.0, table 3-7, for the bytes that may follow one lead byte.
struct Utf8Lead {
  std::uint8_t length = 0;  ///< of the whole sequence; 0: this byte begins none
  std::uint8_t bits = 0;    ///< of the code point in the lead byte
  std::uint8_t low = 0x80;  ///< bounds of the second byte
  std::uint8_t high = 0xBF;
};

/// What a byte >= 0x80 may begin.
constexpr Utf8Lead utf8_lead(std::uint8_t byte) {
  const auto low_bits = [byte](int count) {
    return static_cast<std::uint8_t>(byte & ((1 << count) - 1));
  };
  if (byte < 0xC2 || byte > 0xF4) return {};
  if (byte < 0xE0) return {2, low_bits(5)};
  if (byte == 0xE0) return {3, low_bits(4), 0xA0, 0xBF};
  if (byte == 0xED) return {3, low_bits(4), 0x80, 0x9F};
  if (byte < 0xF0) return {3, low_bits(4)};
  if (byte == 0xF0) return {4, low_bits(3), 0x90, 0xBF};
  if (byte == 0xF4) return {4, low_bits(3), 0x80, 0x8F};
  return {4, low_bits(3)};
}

inline bool is_utf8_continuation(char byte) { return static_cast<signed char>(byte) < -64; }

/// Decodes what begins at `at` (`at` < `end`). An ill-formed sequence has the length of its maximal
/// subpart (Unicode 15.0, section 3.9), so it is replaced as Python and browsers replace it.
inline Utf8Step next_utf8(const char* at, const char* end) {
  const auto first = static_cast<std::uint8_t>(*at);
  if (first < 0x80) return {first, 1, true};
  const Utf8Lead lead = utf8_lead(first);
  if (lead.length == 0) return {0xFFFD, 1, false};
  char32_t character = lead.bits;
  std::uint8_t low = lead.low;
  std::uint8_t high = lead.high;
  for (std::uint8_t i = 1; i < lead.length; ++i) {
    if (at + i == end) return {0xFFFD, i, false, true};
    const auto byte = static_cast<std::uint8_t>(at[i]);
    if (byte < low || byte > high) return {0xFFFD, i, false};
    character = character << 6 | (byte & 0x3F);
    low = 0x80;
    high = 0xBF;
  }
  return {character, lead.length, true};
}

/// Appends a code point (< 0x110000, no surrogate) as UTF-8.
inline void append_utf8(char32_t character, std::string& out) {
  const auto tail = [&](int shift) {
    out.push_back(static_cast<char>(0x80 | (character >> shift & 0x3F)));
  };
  if (character < 0x80) {
    out.push_back(static_cast<char>(character));
  } else if (character < 0x800) {
    out.push_back(static_cast<char>(0xC0 | character >> 6));
    tail(0);
  } else if (character < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | character >> 12));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | character >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace charrnn
