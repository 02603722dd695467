#include "corpus/byte_scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "corpus/ascii_counts.h"

namespace charrnn {
namespace {

/// Lengths around those at which the vector loops change over.
const std::size_t kSizes[] = {0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200, 1000};

class ByteScan : public testing::Test {
 protected:
  /// `size` bytes or a little more: mostly letters, with newlines, and other characters if wanted.
  std::string text(std::size_t size, unsigned others) {
    std::string out;
    while (out.size() < size) {
      const unsigned roll = static_cast<unsigned>(random_() % 16);
      if (roll < others) {
        const char32_t bounds[] = {0x80, 0x800, 0x10000};
        append_utf8(static_cast<char32_t>(bounds[random_() % 3] + random_() % 0x700), out);
      } else if (roll == 15) {
        out += "\r\n";
      } else if (roll == 14) {
        out += random_() % 2 ? '\r' : '\n';
      } else {
        out += static_cast<char>('a' + random_() % 26);
      }
    }
    return out;
  }

  std::mt19937 random_{7};
};

TEST_F(ByteScan, KnowsAscii) {
  for (const std::size_t size : kSizes) {
    std::string bytes = text(size, 0);
    EXPECT_TRUE(is_ascii(bytes.data(), bytes.size()));
    EXPECT_TRUE(portable::is_ascii(bytes.data(), bytes.size()));
    for (std::size_t at = 0; at < bytes.size(); at += 7) {
      const char kept = std::exchange(bytes[at], '\x80');
      EXPECT_FALSE(is_ascii(bytes.data(), bytes.size()));
      EXPECT_FALSE(portable::is_ascii(bytes.data(), bytes.size()));
      bytes[at] = kept;
    }
  }
}

TEST_F(ByteScan, FindsTheSameBeginsInBothForms) {
  for (const std::size_t size : kSizes) {
    for (const CharacterRule rule : {CharacterRule{false, true}, CharacterRule{false, false},
                                     CharacterRule{true, true}, CharacterRule{true, false}}) {
      const std::string bytes = text(size, 4);
      for (std::uint64_t wanted = 0; wanted < size + 3; wanted += 1 + wanted / 9) {
        const Begins a = find_begin(bytes.data(), bytes.size(), wanted, rule);
        const Begins b = portable::find_begin(bytes.data(), bytes.size(), wanted, rule);
        EXPECT_EQ(a.found, b.found) << size << ' ' << wanted;
        EXPECT_EQ(a.offset, b.offset) << size << ' ' << wanted;
      }
    }
  }
}

TEST_F(ByteScan, CountsEveryByte) {
  for (const std::size_t size : {0, 1, 7, 8, 100, 65535, 65536, 65537, 200000}) {
    const std::string bytes = text(static_cast<std::size_t>(size), 0);
    std::vector<std::uint64_t> expected(256), counted(256), ascii(256);
    for (const unsigned char byte : bytes) ++expected[byte];
    count_bytes(bytes.data(), bytes.size(), counted.data());
    AsciiCounts counts;
    counts.add(bytes.data(), bytes.size());
    counts.add_to(ascii.data());
    EXPECT_EQ(counted, expected);
    EXPECT_EQ(ascii, expected);
  }
}

TEST_F(ByteScan, CountsMoreEqualPairsThanACounterHolds) {
  AsciiCounts counts;
  const std::string bytes((1 << 28) + 3, 'x');
  for (int i = 0; i < 36; ++i) counts.add(bytes.data(), bytes.size());
  std::vector<std::uint64_t> counted(128);
  counts.add_to(counted.data());
  EXPECT_EQ(counted['x'], 36 * bytes.size());
}

TEST(Histogram, AddsWhatItCountedApart) {
  Histogram one, sum;
  one.add_ascii("text", 4);
  one.add(U't');
  sum.add_ascii("x", 1);
  sum.add(one);
  const std::vector<std::pair<char32_t, std::uint64_t>> expected = {{'e', 1}, {'t', 3}, {'x', 2}};
  EXPECT_EQ(sum.characters(), expected);
}

TEST_F(ByteScan, LooksUpTheSameSymbolsInBothForms) {
  for (const Symbol top : {Symbol{90}, Symbol{300}}) {
    std::array<Symbol, 128> symbols;
    symbols.fill(AsciiSymbols::kNone);
    for (std::size_t c = 'a'; c < 'z'; ++c) symbols[c] = static_cast<Symbol>(c);
    symbols['\n'] = 0;
    symbols['y'] = top;
    const AsciiSymbols table(symbols);
    for (const std::size_t size : kSizes) {
      std::string bytes(size, 'y');
      for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + i % 25);
      for (const char odd : {'a', 'z', '\r', '\n', '\0', '\x80', '\xFF'}) {
        for (std::size_t at = 0; at < size; at += 1 + at / 3) {
          const char kept = std::exchange(bytes[at], odd);
          for (const bool stop : {true, false}) {
            std::vector<Symbol> a(size), b(size);
            const std::size_t n = look_up_ascii(bytes.data(), size, table, stop, a.data());
            ASSERT_EQ(n, portable::look_up_ascii(bytes.data(), size, table, stop, b.data()));
            a.resize(n);
            b.resize(n);
            ASSERT_EQ(a, b);
          }
          bytes[at] = kept;
        }
      }
    }
  }
}

/// What next_utf8 says of all bytes.
bool is_well_formed(const std::string& bytes) {
  for (const char* at = bytes.data(); at != bytes.data() + bytes.size();) {
    const Utf8Step step = next_utf8(at, bytes.data() + bytes.size());
    if (!step.valid) return false;
    at += step.length;
  }
  return true;
}

bool is_well_formed_avx2(const std::string& bytes, std::size_t letters_before) {
  const std::string padded = std::string(letters_before, 'a') + bytes;
  return avx2::is_well_formed(padded.data(), padded.size());
}

TEST_F(ByteScan, KnowsEveryWellFormedPairAndTripleOfBytes) {
  if (!has_avx2()) GTEST_SKIP() << "this processor has no AVX2";
  for (int a = 0x7F; a < 256; ++a) {
    for (int b = 0x7F; b < 256; ++b) {
      for (const int c : {0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC3, 0xE2, 0xFF}) {
        for (const char* rest : {"", "\x80",
                                 "\xBF"
                                 "a"}) {
          std::string bytes{static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)};
          bytes += rest;
          ASSERT_EQ(is_well_formed_avx2(bytes, 0), is_well_formed(bytes))
              << a << ' ' << b << ' ' << c;
          ASSERT_EQ(is_well_formed_avx2(bytes, 30), is_well_formed(bytes))
              << a << ' ' << b << ' ' << c;
          ASSERT_EQ(is_well_formed_avx2(bytes, 31), is_well_formed(bytes))
              << a << ' ' << b << ' ' << c;
        }
      }
    }
  }
}

TEST_F(ByteScan, FindsDamageAtEveryPlace) {
  if (!has_avx2()) GTEST_SKIP() << "this processor has no AVX2";
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = text(1 + random_() % 150, 12);
    EXPECT_TRUE(is_well_formed_avx2(bytes, 0));
    bytes[random_() % bytes.size()] = static_cast<char>(random_());
    EXPECT_EQ(is_well_formed_avx2(bytes, 0), is_well_formed(bytes));
    bytes.resize(random_() % (bytes.size() + 1));
    EXPECT_EQ(is_well_formed_avx2(bytes, 0), is_well_formed(bytes));
  }
}

TEST_F(ByteScan, CountsCodePoints) {
  if (!has_avx2()) GTEST_SKIP() << "this processor has no AVX2";
  for (const std::size_t size : kSizes) {
    const std::string bytes = text(size, 12);
    Histogram expected;
    std::uint64_t characters = 0;
    const char* const end = bytes.data() + bytes.size();
    for (const char* at = bytes.data(); at != end; ++characters) {
      const Utf8Step step = next_utf8(at, end);
      expected.add(step.character);
      at += step.length;
    }
    Histogram counted;
    const std::string padded = bytes + std::string(68, '\0');
    EXPECT_EQ(avx2::count_characters(padded.data(), bytes.size(), counted), characters);
    EXPECT_EQ(counted.characters(), expected.characters());
  }
}

}  // namespace
}  // namespace charrnn
