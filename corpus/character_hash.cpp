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

// A product of two reflected polynomials comes out as if it had been multiplied by x once more,
// which the exponents take into account.
constexpr std::uint64_t kFar = power_of_x(512 + 63);
constexpr std::uint64_t kFarLow = power_of_x(512 - 1);
constexpr std::uint64_t kNear = power_of_x(128 + 63);
constexpr std::uint64_t kNearLow = power_of_x(128 - 1);

__attribute__((target("pclmul"))) inline __m128i folded(__m128i sum, __m128i powers, __m128i next) {
  const __m128i first = _mm_clmulepi64_si128(sum, powers, 0x00);
  const __m128i second = _mm_clmulepi64_si128(sum, powers, 0x11);
  return _mm_xor_si128(_mm_xor_si128(first, second), next);
}

/// Folds four lanes of 16 bytes into the 64 bytes behind them, again and again, as in Gopal et al.,
/// "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ" (Intel, 2009): several times as
/// fast as liblzma, so that the pass over the text hardly gets slower. At least 64 bytes.
__attribute__((target("pclmul"))) std::uint64_t folded_crc(const char* bytes, std::size_t size,
                                                           std::uint64_t crc) {
  constexpr std::size_t kLanes = 4;
  const auto load = [](const char* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  };
  const __m128i far = _mm_set_epi64x(static_cast<long long>(kFarLow), static_cast<long long>(kFar));
  const __m128i near =
      _mm_set_epi64x(static_cast<long long>(kNearLow), static_cast<long long>(kNear));
  __m128i sum0 = _mm_xor_si128(load(bytes), _mm_cvtsi64_si128(static_cast<long long>(~crc)));
  __m128i sum1 = load(bytes + 16);
  __m128i sum2 = load(bytes + 32);
  __m128i sum3 = load(bytes + 48);
  for (bytes += 16 * kLanes, size -= 16 * kLanes; size >= 16 * kLanes;
       bytes += 16 * kLanes, size -= 16 * kLanes) {
    sum0 = folded(sum0, far, load(bytes));
    sum1 = folded(sum1, far, load(bytes + 16));
    sum2 = folded(sum2, far, load(bytes + 32));
    sum3 = folded(sum3, far, load(bytes + 48));
  }
  const __m128i sum = folded(folded(folded(sum0, near, sum1), near, sum2), near, sum3);
  // What is left stands for all that was folded; a CRC that begins with ~0 begins with no bits set.
  char rest[16];
  std::memcpy(rest, &sum, sizeof rest);
  return plain_crc(bytes, size, plain_crc(rest, sizeof rest, ~std::uint64_t{0}));
}

bool can_fold() {
  static const bool can = __builtin_cpu_supports("pclmul") != 0;
  return can;
}

#else

std::uint64_t folded_crc(const char* bytes, std::size_t size, std::uint64_t crc) {
  return plain_crc(bytes, size, crc);
}
bool can_fold() { return false; }

#endif

}  // namespace

void CharacterHash::add(std::string_view utf8) {
  constexpr std::size_t kWorthFolding = 128;
  crc = utf8.size() >= kWorthFolding && can_fold() ? folded_crc(utf8.data(), utf8.size(), crc)
                                                   : plain_crc(utf8.data(), utf8.size(), crc);
  bytes += utf8.size();
}

void CharacterHash::join(const CharacterHash& next) {
  std::uint64_t shifted = crc;
  for (std::size_t i = 0; next.bytes >> i != 0; ++i) {
    if ((next.bytes >> i & 1) != 0) shifted = product(shifted, kPowers[i]);
    if (i == 63) break;
  }
  crc = shifted ^ next.crc;
  bytes += next.bytes;
}

}  // namespace charrnn
