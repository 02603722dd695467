#pragma once

#include <string>

#include "corpus/text_form.h"

namespace charrnn {

/// The plain decoder: Python's open(..., encoding, errors, newline) over a string in memory. It
/// shares nothing with what it is compared to but the tables in this comment: Unicode 15.0, 3-7.
inline std::u32string plain_utf8(const std::string& bytes, Invalid invalid) {
  std::u32string text;
  const auto byte = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xBF; };
  for (std::size_t i = 0; i < bytes.size();) {
    const unsigned a = byte(i), b = byte(i + 1);
    std::size_t good = 1;  // bytes that may stand at the begin of a character
    std::size_t need = 1;
    if (a >= 0xC2 && a <= 0xDF) need = 2;
    if (a >= 0xE0 && a <= 0xEF) need = 3;
    if (a >= 0xF0 && a <= 0xF4) need = 4;
    const bool second = tail(i + 1) && !(a == 0xE0 && b < 0xA0) && !(a == 0xED && b > 0x9F) &&
                        !(a == 0xF0 && b < 0x90) && !(a == 0xF4 && b > 0x8F);
    if (need > 1 && second) good = 2;
    while (good > 1 && good < need && tail(i + good)) ++good;
    if (good == need && (a < 0x80 || need > 1)) {
      char32_t c = need == 1 ? a : a & (0xFF >> (need + 1));
      for (std::size_t k = 1; k < need; ++k) c = c * 64 + (byte(i + k) - 0x80);
      text.push_back(c);
    } else if (invalid == Invalid::kReplace) {
      text.push_back(0xFFFD);
    }
    i += good;
  }
  return text;
}

inline std::u32string plain_newlines(const std::u32string& text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U'\r') {
      out.push_back(U'\n');
      if (i + 1 < text.size() && text[i + 1] == U'\n') ++i;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

inline std::u32string plain(const std::string& bytes, const TextForm& form) {
  std::u32string text;
  if (form.single_byte()) {
    for (const unsigned char byte : bytes) text.push_back(byte);
  } else {
    const bool marked = bytes.starts_with("\xEF\xBB\xBF");
    text = plain_utf8(marked ? bytes.substr(3) : bytes, form.invalid);
  }
  return form.universal ? plain_newlines(text) : text;
}

}  // namespace charrnn
