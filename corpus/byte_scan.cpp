#include "corpus/byte_scan.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/utf8.h"

namespace charrnn {
namespace portable {

bool is_ascii(const char* bytes, std::size_t size) {
  // Without an early end, so that the compiler can make vector code of it.
  unsigned char high = 0;
  for (std::size_t i = 0; i < size; ++i) high |= static_cast<unsigned char>(bytes[i]);
  return high < 0x80;
}

Begins find_begin(const char* bytes, std::size_t size, std::uint64_t wanted, CharacterRule rule) {
  Begins begins;
  char before = 0;
  for (; begins.offset < size; ++begins.offset) {
    const char byte = bytes[begins.offset];
    const bool inside = (!rule.single_byte && is_utf8_continuation(byte)) ||
                        (rule.universal && byte == '\n' && before == '\r');
    before = byte;
    if (inside) continue;
    if (begins.found == wanted) return begins;
    ++begins.found;
  }
  return begins;
}

std::size_t look_up_ascii(const char* bytes, std::size_t size, const AsciiSymbols& symbols,
                          bool stop_at_return, Symbol* out) {
  std::size_t i = 0;
  for (; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte >= 0x80 || (stop_at_return && byte == '\r')) break;
    out[i] = symbols.symbols[byte];
    if (out[i] == AsciiSymbols::kNone) break;
  }
  return i;
}

}  // namespace portable

#if defined(__x86_64__)
bool has_avx2() {
  static const bool kHas = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
  return kHas;
}
#else
bool has_avx2() { return false; }
namespace avx2 {  // never called
bool is_ascii(const char*, std::size_t) { return false; }
Begins find_begin(const char*, std::size_t, std::uint64_t, CharacterRule) { return {}; }
std::size_t look_up_ascii(const char*, std::size_t, const AsciiSymbols&, bool, Symbol*) {
  return 0;
}
bool is_well_formed(const char*, std::size_t) { return false; }
std::size_t code_points_of_64(const char*, bool, char32_t*) { return 0; }
std::uint64_t count_characters(const char*, std::size_t, Histogram&) { return 0; }
}  // namespace avx2
#endif

AsciiSymbols::AsciiSymbols(const std::array<Symbol, 128>& all) : symbols(all), one_byte(true) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(all[i]);
    one_byte = one_byte && (all[i] == kNone || all[i] < 255);
  }
}

bool is_ascii(const char* bytes, std::size_t size) {
  return has_avx2() ? avx2::is_ascii(bytes, size) : portable::is_ascii(bytes, size);
}

Begins find_begin(const char* bytes, std::size_t size, std::uint64_t wanted, CharacterRule rule) {
  return has_avx2() ? avx2::find_begin(bytes, size, wanted, rule)
                    : portable::find_begin(bytes, size, wanted, rule);
}

std::size_t look_up_ascii(const char* bytes, std::size_t size, const AsciiSymbols& symbols,
                          bool stop_at_return, Symbol* out) {
  return has_avx2() ? avx2::look_up_ascii(bytes, size, symbols, stop_at_return, out)
                    : portable::look_up_ascii(bytes, size, symbols, stop_at_return, out);
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
