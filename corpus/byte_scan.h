#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "corpus/histogram.h"
#include "corpus/symbol.h"

/// The hot loops over bytes. Each has a portable form, and where it pays one for x86 with AVX2 and
/// BMI2, which is taken when the processor has them; both give the same results.
namespace charrnn {

/// True when every byte is ASCII.
bool is_ascii(const char* bytes, std::size_t size);

/// Where characters begin: `found` of them begin before `offset`.
struct Begins {
  std::uint64_t found = 0;
  std::size_t offset = 0;
};

/// Which bytes belong to one character in well-formed text.
struct CharacterRule {
  bool single_byte = false;  ///< bytes >= 0x80 are characters of their own
  bool universal = true;     ///< CRLF is one
};

/// Walks to the begin of character number `wanted` (from 0) of `bytes`, which start with the first
/// byte of one: offset is where it begins and found is `wanted`; or, when fewer begin in these
/// bytes, offset is `size` and found says how many.
Begins find_begin(const char* bytes, std::size_t size, std::uint64_t wanted, CharacterRule rule);

/// Adds to `counts[256]` how often each byte stands in `bytes`.
void count_bytes(const char* bytes, std::size_t size, std::uint64_t* counts);

/// How many LF directly follow a CR in `bytes`.
std::uint64_t count_crlf(const char* bytes, std::size_t size);

/// The symbols of the ASCII characters.
struct AsciiSymbols {
  /// No symbol: what `symbols` holds for a character that has none.
  static constexpr Symbol kNone = 0xFFFF;

  AsciiSymbols() = default;
  explicit AsciiSymbols(const std::array<Symbol, 128>& all);

  std::array<Symbol, 128> symbols{};
  std::array<unsigned char, 128> bytes{};  ///< the same in one byte each, 255 for kNone
  bool one_byte = false;                   ///< `bytes` can hold them
};

/// Writes the symbols of `bytes` to `out`, up to the first byte that is not ASCII, the first
/// without a symbol and, with `stop_at_return`, the first CR. Returns how many were written. May
/// write anything to the rest of out[size].
std::size_t look_up_ascii(const char* bytes, std::size_t size, const AsciiSymbols& symbols,
                          bool stop_at_return, Symbol* out);

namespace portable {
bool is_ascii(const char* bytes, std::size_t size);
Begins find_begin(const char* bytes, std::size_t size, std::uint64_t wanted, CharacterRule rule);
std::size_t look_up_ascii(const char* bytes, std::size_t size, const AsciiSymbols& symbols,
                          bool stop_at_return, Symbol* out);
}  // namespace portable

/// Whether the AVX2 forms are used.
bool has_avx2();

namespace avx2 {
// Only where has_avx2().
bool is_ascii(const char* bytes, std::size_t size);
Begins find_begin(const char* bytes, std::size_t size, std::uint64_t wanted, CharacterRule rule);
std::size_t look_up_ascii(const char* bytes, std::size_t size, const AsciiSymbols& symbols,
                          bool stop_at_return, Symbol* out);

/// True when the `size` bytes are well-formed UTF-8, without what lies around them.
bool is_well_formed(const char* bytes, std::size_t size);

/// Writes the code points of the characters that begin in the 64 bytes at `bytes` of well-formed
/// UTF-8 to `out`, room for 64, and returns how many there are. The byte before and four behind
/// must be readable. With `universal` the LF of a CRLF is left out.
std::size_t code_points_of_64(const char* bytes, bool universal, char32_t* out);

/// Adds the characters that begin in the first `size` bytes of well-formed UTF-8 to `histogram`,
/// and returns how many there are. 64 bytes behind must be readable.
std::uint64_t count_characters(const char* bytes, std::size_t size, Histogram& histogram);
}  // namespace avx2

}  // namespace charrnn
