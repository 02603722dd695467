#include "corpus/byte_scan.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

// Only these functions are compiled for AVX2, not what they include.
#define CHARRNN_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

namespace charrnn::avx2 {
namespace {

using Vector = __m256i;
constexpr std::size_t kWidth = sizeof(Vector);

CHARRNN_AVX2 inline Vector load(const char* at) {
  return _mm256_loadu_si256(reinterpret_cast<const Vector*>(at));
}

CHARRNN_AVX2 inline Vector all(int byte) { return _mm256_set1_epi8(static_cast<char>(byte)); }

CHARRNN_AVX2 inline std::uint32_t mask(Vector bytes) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
}

/// One bit for each byte that begins a character. `before`: the bytes one place earlier.
CHARRNN_AVX2 inline std::uint32_t begins(Vector bytes, Vector before, CharacterRule rule) {
  std::uint32_t inside = 0;
  if (!rule.single_byte) inside = mask(_mm256_cmpgt_epi8(all(-64), bytes));
  if (rule.universal) {
    inside |= mask(_mm256_and_si256(_mm256_cmpeq_epi8(bytes, all('\n')),
                                    _mm256_cmpeq_epi8(before, all('\r'))));
  }
  return ~inside;
}

/// The 16 values of a lookup by half bytes, for both lanes.
CHARRNN_AVX2 inline Vector half_table(const unsigned char* values) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(values)));
}

CHARRNN_AVX2 inline Vector look_up(Vector table, Vector halves) {
  return _mm256_shuffle_epi8(table, halves);
}

CHARRNN_AVX2 inline Vector high_half(Vector bytes) {
  return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), all(0x0F));
}

// What two neighbouring bytes can be wrong about (J. Keiser, D. Lemire: Validating UTF-8 in less
// than one instruction per byte, 2021, section 6). An error is one that the high half of the first
// byte, its low half and the high half of the second all allow.
constexpr unsigned char kTooShort = 1 << 0;             // a lead byte, and no continuation
constexpr unsigned char kTooLong = 1 << 1;              // ASCII, and a continuation
constexpr unsigned char kOverlong3 = 1 << 2;            // E0, and below A0
constexpr unsigned char kTooLarge = 1 << 3;             // F4 and above 8F, or F5 to FF
constexpr unsigned char kSurrogate = 1 << 4;            // ED, and above 9F
constexpr unsigned char kOverlong2 = 1 << 5;            // C0 or C1
constexpr unsigned char kTooLargeOrOverlong4 = 1 << 6;  // F5 to FF, or F0; and 80 to 8F
constexpr unsigned char kTwoTails = 1 << 7;  // two continuations: right in long sequences only
constexpr unsigned char kAnyLow = kTooShort | kTooLong | kTwoTails;  // whatever the low half is
constexpr unsigned char kF5 = kAnyLow | kTooLarge | kTooLargeOrOverlong4;

constexpr unsigned char kFirstHigh[16] = {kTooLong,
                                          kTooLong,
                                          kTooLong,
                                          kTooLong,
                                          kTooLong,
                                          kTooLong,
                                          kTooLong,
                                          kTooLong,
                                          kTwoTails,
                                          kTwoTails,
                                          kTwoTails,
                                          kTwoTails,
                                          kTooShort | kOverlong2,
                                          kTooShort,
                                          kTooShort | kOverlong3 | kSurrogate,
                                          kTooShort | kTooLarge | kTooLargeOrOverlong4};
constexpr unsigned char kFirstLow[16] = {kAnyLow | kOverlong3 | kOverlong2 | kTooLargeOrOverlong4,
                                         kAnyLow | kOverlong2,
                                         kAnyLow,
                                         kAnyLow,
                                         kAnyLow | kTooLarge,
                                         kF5,
                                         kF5,
                                         kF5,
                                         kF5,
                                         kF5,
                                         kF5,
                                         kF5,
                                         kF5,
                                         kF5 | kSurrogate,
                                         kF5,
                                         kF5};
constexpr unsigned char kTail = kTooLong | kOverlong2 | kTwoTails;
constexpr unsigned char kSecondHigh[16] = {kTooShort,
                                           kTooShort,
                                           kTooShort,
                                           kTooShort,
                                           kTooShort,
                                           kTooShort,
                                           kTooShort,
                                           kTooShort,
                                           kTail | kOverlong3 | kTooLargeOrOverlong4,
                                           kTail | kOverlong3 | kTooLarge,
                                           kTail | kSurrogate | kTooLarge,
                                           kTail | kSurrogate | kTooLarge,
                                           kTooShort,
                                           kTooShort,
                                           kTooShort,
                                           kTooShort};

/// Not zero where the 32 bytes at `at` are ill-formed, the three before them being known.
CHARRNN_AVX2 inline Vector errors(Vector bytes, const char* at) {
  const Vector first = load(at - 1);
  const Vector pairs = _mm256_and_si256(
      _mm256_and_si256(look_up(half_table(kFirstHigh), high_half(first)),
                       look_up(half_table(kFirstLow), _mm256_and_si256(first, all(0x0F)))),
      look_up(half_table(kSecondHigh), high_half(bytes)));
  // The third byte of three and the third and fourth of four follow a continuation rightly.
  const Vector third = _mm256_subs_epu8(load(at - 2), all(0xE0 - 0x80));
  const Vector fourth = _mm256_subs_epu8(load(at - 3), all(0xF0 - 0x80));
  const Vector must = _mm256_and_si256(_mm256_or_si256(third, fourth), all(0x80));
  return _mm256_xor_si256(must, pairs);
}

/// 64 bytes, for masks of 64 bits.
constexpr std::size_t kPair = 2 * kWidth;
struct BytePair {
  Vector low;
  Vector high;
};

CHARRNN_AVX2 inline BytePair load_pair(const char* at) { return {load(at), load(at + kWidth)}; }

/// One bit for each byte from 80 to BF.
CHARRNN_AVX2 inline std::uint64_t tails(const BytePair& pair) {
  const Vector bound = all(-64);
  return mask(_mm256_cmpgt_epi8(bound, pair.low)) |
         std::uint64_t{mask(_mm256_cmpgt_epi8(bound, pair.high))} << 32;
}

/// One bit for each byte from F0 to FF.
CHARRNN_AVX2 inline std::uint64_t leads_of_four(const BytePair& pair) {
  const Vector bound = all(0xF0);
  return mask(_mm256_cmpeq_epi8(_mm256_max_epu8(pair.low, bound), pair.low)) |
         std::uint64_t{mask(_mm256_cmpeq_epi8(_mm256_max_epu8(pair.high, bound), pair.high))} << 32;
}

/// The code point that begins at `at`, of well-formed text.
CHARRNN_AVX2 inline std::uint32_t code_point(const char* at) {
  // The bits of the code point in four bytes, by the high half of the first.
  static constexpr std::uint32_t kBits[16] = {0x7F000000, 0x7F000000, 0x7F000000, 0x7F000000,
                                              0x7F000000, 0x7F000000, 0x7F000000, 0x7F000000,
                                              0,          0,          0,          0,
                                              0x1F3F0000, 0x1F3F0000, 0x0F3F3F00, 0x073F3F3F};
  std::uint32_t word;
  std::memcpy(&word, at, 4);
  word = __builtin_bswap32(word);
  return _pext_u32(word, kBits[word >> 28]);
}

/// What `table[128]` holds for each byte, all being ASCII.
CHARRNN_AVX2 inline Vector look_up_rows(Vector bytes, const unsigned char* table) {
  Vector found = all(0);
  for (int row = 0; row < 8; ++row) {
    // A lookup by a byte with a set top bit gives zero: made so for the bytes of other rows.
    const Vector of_row = _mm256_xor_si256(bytes, all(row << 4));
    const Vector index = _mm256_adds_epu8(of_row, all(0x70));
    found = _mm256_or_si256(found, look_up(half_table(table + row * 16), index));
  }
  return found;
}

CHARRNN_AVX2 inline void store_wide(__m128i bytes, Symbol* out) {
  _mm256_storeu_si256(reinterpret_cast<Vector*>(out), _mm256_cvtepu8_epi16(bytes));
}

/// The offset of the set bit number `number` of `bits`.
CHARRNN_AVX2 inline std::size_t place_of(std::uint32_t bits, std::uint64_t number) {
  return static_cast<std::size_t>(__builtin_ctz(_pdep_u32(1u << number, bits)));
}

}  // namespace

CHARRNN_AVX2 bool is_ascii(const char* bytes, std::size_t size) {
  Vector high = all(0);
  std::size_t i = 0;
  for (; i + kWidth <= size; i += kWidth) high = _mm256_or_si256(high, load(bytes + i));
  return mask(high) == 0 && portable::is_ascii(bytes + i, size - i);
}

CHARRNN_AVX2 Begins find_begin(const char* bytes, std::size_t size, std::uint64_t wanted,
                               CharacterRule rule) {
  Begins found;
  if (size <= kWidth || wanted == 0) return portable::find_begin(bytes, size, wanted, rule);
  // The first byte begins a character; from the second on there is a byte before.
  found.found = 1;
  found.offset = 1;
  for (; found.offset + kWidth <= size; found.offset += kWidth) {
    const char* const at = bytes + found.offset;
    const std::uint32_t here = begins(load(at), load(at - 1), rule);
    const auto count = static_cast<std::uint64_t>(__builtin_popcount(here));
    if (found.found + count > wanted) {
      found.offset += place_of(here, wanted - found.found);
      found.found = wanted;
      return found;
    }
    found.found += count;
  }
  for (; found.offset < size; ++found.offset) {
    const char byte = bytes[found.offset];
    const bool tail = !rule.single_byte && static_cast<signed char>(byte) < -64;
    if (tail || (rule.universal && byte == '\n' && bytes[found.offset - 1] == '\r')) continue;
    if (found.found == wanted) return found;
    ++found.found;
  }
  return found;
}

CHARRNN_AVX2 std::size_t look_up_ascii(const char* bytes, std::size_t size,
                                       const AsciiSymbols& symbols, bool stop_at_return,
                                       Symbol* out) {
  std::size_t i = 0;
  for (; symbols.one_byte && i + kWidth <= size; i += kWidth) {
    const Vector in = load(bytes + i);
    const Vector found = look_up_rows(in, symbols.bytes.data());
    Vector stops = _mm256_or_si256(in, _mm256_cmpeq_epi8(found, all(255)));
    if (stop_at_return) stops = _mm256_or_si256(stops, _mm256_cmpeq_epi8(in, all('\r')));
    if (mask(stops) != 0) break;
    store_wide(_mm256_castsi256_si128(found), out + i);
    store_wide(_mm256_extracti128_si256(found, 1), out + i + kWidth / 2);
  }
  return i + portable::look_up_ascii(bytes + i, size - i, symbols, stop_at_return, out + i);
}

CHARRNN_AVX2 bool is_well_formed(const char* bytes, std::size_t size) {
  // The first and the last bytes between zeros: what is cut off there is too short then.
  char edge[kWidth + 4 + kWidth] = {};
  std::memcpy(edge + 4, bytes, size < kWidth ? size : kWidth);
  Vector wrong = errors(load(edge + 4), edge + 4);
  if (size < kWidth) return _mm256_testz_si256(wrong, wrong) != 0;
  std::size_t i = kWidth;
  for (; i + kWidth <= size; i += kWidth) {
    wrong = _mm256_or_si256(wrong, errors(load(bytes + i), bytes + i));
  }
  std::memset(edge, 0, sizeof edge);
  std::memcpy(edge + 1, bytes + i - 3, size - i + 3);
  wrong = _mm256_or_si256(wrong, errors(load(edge + 4), edge + 4));
  return _mm256_testz_si256(wrong, wrong) != 0;
}

CHARRNN_AVX2 std::size_t code_points_of_64(const char* bytes, bool universal, char32_t* out) {
  const CharacterRule rule{false, universal};
  const std::uint32_t low = begins(load(bytes), load(bytes - 1), rule);
  const std::uint32_t high = begins(load(bytes + kWidth), load(bytes + kWidth - 1), rule);
  const char32_t* const first = out;
  for (std::uint64_t here = low | std::uint64_t{high} << 32; here != 0; here &= here - 1) {
    *out++ = code_point(bytes + __builtin_ctzll(here));
  }
  return static_cast<std::size_t>(out - first);
}

CHARRNN_AVX2 std::uint64_t count_characters(const char* bytes, std::size_t size,
                                            Histogram& histogram) {
  std::uint64_t* const counts = histogram.counts();
  std::uint64_t characters = 0;
  for (std::size_t i = 0; i < size; i += kPair) {
    const BytePair pair = load_pair(bytes + i);
    std::uint64_t here = ~tails(pair);
    if (size - i < kPair) here &= (std::uint64_t{1} << (size - i)) - 1;
    characters += static_cast<std::uint64_t>(__builtin_popcountll(here));
    // Four bytes begin what lies beyond the first plane.
    for (std::uint64_t far = here & leads_of_four(pair); far != 0; far &= far - 1) {
      histogram.add(code_point(bytes + i + __builtin_ctzll(far)));
      here &= ~(far & -far);
    }
    for (; here != 0; here &= here - 1) ++counts[code_point(bytes + i + __builtin_ctzll(here))];
  }
  return characters;
}

}  // namespace charrnn::avx2

#endif
