#include "corpus/byte_scan.h"

#include <array>

#include "corpus/utf8.h"

namespace charrnn {

bool one_byte_each(const char* bytes, std::size_t size, bool universal) {
  // No early end: the compiler makes vector code of a plain loop.
  unsigned char high = 0;
  unsigned char returns = 0;
  for (std::size_t i = 0; i < size; ++i) {
    high |= static_cast<unsigned char>(bytes[i]);
    returns |= bytes[i] == '\r';
  }
  return high < 0x80 && !(universal && returns != 0);
}

Begins find_begin(const char* bytes, std::size_t size, std::uint64_t wanted, bool single_byte,
                  bool universal) {
  Begins begins;
  char before = 0;
  for (; begins.offset < size; ++begins.offset) {
    const char byte = bytes[begins.offset];
    const bool inside = (!single_byte && is_utf8_continuation(byte)) ||
                        (universal && byte == '\n' && before == '\r');
    before = byte;
    if (inside) continue;
    if (begins.found == wanted) return begins;
    ++begins.found;
  }
  return begins;
}

void count_bytes(const char* bytes, std::size_t size, std::uint64_t* counts) {
  // Four tables, since equal neighbours would wait for each other's increments in one.
  std::array<std::array<std::uint32_t, 256>, 4> tables{};
  std::size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    for (std::size_t k = 0; k < 4; ++k) ++tables[k][static_cast<unsigned char>(bytes[i + k])];
  }
  for (; i < size; ++i) ++tables[0][static_cast<unsigned char>(bytes[i])];
  for (std::size_t b = 0; b < 256; ++b) {
    for (const auto& table : tables) counts[b] += table[b];
  }
}

std::uint64_t count_crlf(const char* bytes, std::size_t size) {
  std::uint64_t pairs = 0;
  for (std::size_t i = 1; i < size; ++i) pairs += bytes[i - 1] == '\r' && bytes[i] == '\n';
  return pairs;
}

}  // namespace charrnn
