#include "corpus/character_hash.h"

#include <gtest/gtest.h>
#include <lzma.h>

#include "tests/corpus/dice.h"

namespace charrnn {
namespace {

std::string random_bytes(Dice& dice, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(dice.below(256)));
  return bytes;
}

CharacterHash hash_of(std::string_view text) {
  CharacterHash hash;
  hash.add(text);
  return hash;
}

TEST(CharacterHash, IsTheCrc64ThatXzComputes) {
  Dice dice(1);
  const std::string bytes = random_bytes(dice, 2000);
  for (std::size_t size = 0; size < 1000; ++size) {
    const auto* const from = reinterpret_cast<const std::uint8_t*>(bytes.data() + size);
    ASSERT_EQ(hash_of({bytes.data() + size, size}).crc, lzma_crc64(from, size, 0)) << size;
  }
}

TEST(CharacterHash, OfAWholeIsFoundFromItsPartsHoweverItIsCut) {
  Dice dice(2);
  for (int round = 0; round < 300; ++round) {
    const std::string text = random_bytes(dice, dice.below(3000));
    const std::size_t first = dice.below(text.size() + 1);
    const std::size_t second = first + dice.below(text.size() - first + 1);
    CharacterHash joined = hash_of(text.substr(0, first));
    joined.add(text.substr(first, second - first));
    joined.join(hash_of(text.substr(second)));
    ASSERT_EQ(joined, hash_of(text)) << text.size() << ' ' << first << ' ' << second;
  }
}

TEST(CharacterHash, JoinsLongTexts) {
  // 2^40 zeros, by doubling, and a letter: as one loop over them would find.
  CharacterHash zeros = hash_of(std::string(1, '\0'));
  for (int i = 0; i < 16; ++i) zeros.join(CharacterHash(zeros));
  EXPECT_EQ(zeros, hash_of(std::string(65536, '\0')));
  for (int i = 16; i < 40; ++i) zeros.join(CharacterHash(zeros));
  EXPECT_EQ(zeros.bytes, std::uint64_t{1} << 40);
  CharacterHash other = zeros;
  zeros.join(hash_of("a"));
  other.add("a");
  EXPECT_EQ(zeros, other);
}

TEST(CharacterHash, SeesAnyChangedCharacterAndAnyOrder) {
  EXPECT_NE(hash_of("ab"), hash_of("ba"));
  std::string text(100000, 'a');
  const CharacterHash before = hash_of(text);
  for (const std::size_t place : {0U, 50000U, 99999U}) {
    text[place] = 'b';
    EXPECT_NE(hash_of(text), before) << place;
    text[place] = 'a';
  }
}

}  // namespace
}  // namespace charrnn
