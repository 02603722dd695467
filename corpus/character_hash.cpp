#include "corpus/character_hash.h"

#include <lzma.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <array>
#include <cstddef>
#include <cstring>

namespace charrnn {
namespace {

// Polynomials over GF(2) below degree 64, reflected: the highest bit is the coefficient of x^0.
constexpr std::uint64_t kPolynomial = 0xC96C'5795'D787'0F42;
constexpr std::uint64_t kOne = std::uint64_t{1} << 63;

constexpr std::uint64_t times_x(std::uint64_t a) {
  return a >> 1 ^ ((a & 1) != 0 ? kPolynomial : 0);
}

/// The product of two polynomials modulo the one of the CRC.
constexpr std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  for (std::uint64_t bit = kOne; bit != 0; bit >>= 1) {
    if ((a & bit) != 0) sum ^= b;
    b = times_x(b);
  }
  return sum;
}

constexpr std::uint64_t power_of_x(unsigned exponent) {
  std::uint64_t power = kOne;
  for (unsigned i = 0; i < exponent; ++i) power = times_x(power);
  return power;
}

/// x^(8 * 2^i) at place i: what 2^i bytes behind a text multiply its CRC by.
constexpr std::array<std::uint64_t, 64> kPowers = [] {
  std::array<std::uint64_t, 64> powers{};
  powers[0] = power_of_x(8);
  for (std::size_t i = 1; i < powers.size(); ++i) {
    powers[i] = product(powers[i - 1], powers[i - 1]);
  }
  return powers;
}();

std::uint64_t plain_crc(const char* bytes, std::size_t size, std::uint64_t crc) {
  return lzma_crc64(reinterpret_cast<const std::uint8_t*>(bytes), size, crc);
}

#if defined(__x86_64__)

#define CHARRNN_CLMUL __attribute__((target("pclmul")))
#define CHARRNN_WIDE_CLMUL __attribute__((target("pclmul,vpclmulqdq,avx2")))

/// What moves 16 bytes over as many bits. A product of two reflected polynomials comes out as if it
/// had been multiplied by x once more, which the exponents take into account.
struct Distance {
  long long first;   // for the first eight bytes
  long long second;  // for the other eight
};

constexpr Distance distance(unsigned bits) {
  return {static_cast<long long>(power_of_x(bits + 63)),
          static_cast<long long>(power_of_x(bits - 1))};
}

constexpr Distance kOver16Bytes = distance(128);
constexpr Distance kOver64Bytes = distance(512);
constexpr Distance kOver128Bytes = distance(1024);

CHARRNN_CLMUL inline __m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

CHARRNN_CLMUL inline __m128i folded(__m128i sum, __m128i over, __m128i next) {
  const __m128i first = _mm_clmulepi64_si128(sum, over, 0x00);
  const __m128i second = _mm_clmulepi64_si128(sum, over, 0x11);
  return _mm_xor_si128(_mm_xor_si128(first, second), next);
}

/// Ends what was folded into `lanes` of 16 bytes each, one behind the other, and the text behind
/// them. What is left stands for all; a CRC that goes on from ~0 begins with no bits set.
CHARRNN_CLMUL std::uint64_t finished(const __m128i* lanes, std::size_t count,
                                     std::string_view rest) {
  const __m128i over = _mm_set_epi64x(kOver16Bytes.second, kOver16Bytes.first);
  __m128i sum = lanes[0];
  for (std::size_t i = 1; i < count; ++i) sum = folded(sum, over, lanes[i]);
  char left[sizeof sum];
  std::memcpy(left, &sum, sizeof left);
  return plain_crc(rest.data(), rest.size(), plain_crc(left, sizeof left, ~std::uint64_t{0}));
}

/// Folds lanes of 16 bytes into the bytes behind them, again and again, as in Gopal et al., "Fast
/// CRC Computation for Generic Polynomials Using PCLMULQDQ" (Intel, 2009): several times as fast as
/// liblzma, so that the pass over the text hardly gets slower. At least 64 bytes.
CHARRNN_CLMUL std::uint64_t folded_crc(std::string_view text, std::uint64_t crc) {
  constexpr std::size_t kStep = 64;
  const __m128i over = _mm_set_epi64x(kOver64Bytes.second, kOver64Bytes.first);
  __m128i lanes[4];
  for (std::size_t i = 0; i < 4; ++i) lanes[i] = load(text.data() + 16 * i);
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi64_si128(static_cast<long long>(~crc)));
  for (text.remove_prefix(kStep); text.size() >= kStep; text.remove_prefix(kStep)) {
    for (std::size_t i = 0; i < 4; ++i) {
      lanes[i] = folded(lanes[i], over, load(text.data() + 16 * i));
    }
  }
  return finished(lanes, 4, text);
}

/// The same, two lanes at a time. At least 128 bytes.
CHARRNN_WIDE_CLMUL std::uint64_t wide_folded_crc(std::string_view text, std::uint64_t crc) {
  constexpr std::size_t kStep = 128;
  const __m256i over =
      _mm256_broadcastsi128_si256(_mm_set_epi64x(kOver128Bytes.second, kOver128Bytes.first));
  __m256i pairs[4];
  for (std::size_t i = 0; i < 4; ++i) {
    pairs[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + 32 * i));
  }
  pairs[0] = _mm256_xor_si256(
      pairs[0], _mm256_zextsi128_si256(_mm_cvtsi64_si128(static_cast<long long>(~crc))));
  for (text.remove_prefix(kStep); text.size() >= kStep; text.remove_prefix(kStep)) {
    for (std::size_t i = 0; i < 4; ++i) {
      const auto* const next = reinterpret_cast<const __m256i*>(text.data() + 32 * i);
      const __m256i first = _mm256_clmulepi64_epi128(pairs[i], over, 0x00);
      const __m256i second = _mm256_clmulepi64_epi128(pairs[i], over, 0x11);
      pairs[i] = _mm256_xor_si256(_mm256_xor_si256(first, second), _mm256_loadu_si256(next));
    }
  }
  __m128i lanes[8];
  std::memcpy(lanes, pairs, sizeof lanes);
  return finished(lanes, 8, text);
}

std::uint64_t fast_crc(std::string_view text, std::uint64_t crc) {
  static const bool kWide = __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx2");
  static const bool kNarrow = __builtin_cpu_supports("pclmul");
  if (kWide) return wide_folded_crc(text, crc);
  return kNarrow ? folded_crc(text, crc) : plain_crc(text.data(), text.size(), crc);
}

#else

std::uint64_t fast_crc(std::string_view text, std::uint64_t crc) {
  return plain_crc(text.data(), text.size(), crc);
}

#endif

}  // namespace

void CharacterHash::add(std::string_view utf8) {
  constexpr std::size_t kWorthFolding = 256;
  crc =
      utf8.size() >= kWorthFolding ? fast_crc(utf8, crc) : plain_crc(utf8.data(), utf8.size(), crc);
  bytes += utf8.size();
}

void CharacterHash::join(const CharacterHash& next) {
  if (bytes == 0) {
    *this = next;
    return;
  }
  std::uint64_t shifted = crc;
  for (std::size_t i = 0; next.bytes >> i != 0; ++i) {
    if ((next.bytes >> i & 1) != 0) shifted = product(shifted, kPowers[i]);
    if (i == 63) break;
  }
  crc = shifted ^ next.crc;
  bytes += next.bytes;
}

}  // namespace charrnn
