#pragma once

#include <array>

namespace charrnn {

/// The character of a byte of windows-1252, by the table of the Encoding Standard: Latin-1 with
/// quotation marks, dashes, the euro sign and others in place of the controls from 0x80 to 0x9F.
/// The five bytes that have none there stay controls.
constexpr char32_t windows_1252_character(unsigned char byte) {
  constexpr std::array<char16_t, 32> kFrom80 = {
      0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};
  return byte >= 0x80 && byte < 0xA0 ? kFrom80[byte - 0x80] : byte;
}

}  // namespace charrnn
