#include "corpus/character_kind.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "corpus/vocabulary.h"

namespace charrnn {
namespace {

TEST(CharacterKind, KnowsWhatHardlyBelongsIntoAText) {
  for (const char32_t ordinary : {U'a', U' ', U'\n', U'\t', U'\u4E2D', U'\u0301', U'\U0001F600'}) {
    EXPECT_EQ(kind_of(ordinary), CharacterKind::kOrdinary) << static_cast<std::uint32_t>(ordinary);
  }
  EXPECT_EQ(kind_of(U'\0'), CharacterKind::kControl);
  EXPECT_EQ(kind_of(U'\r'), CharacterKind::kControl);
  EXPECT_EQ(kind_of(U'\u0085'), CharacterKind::kControl);
  EXPECT_EQ(kind_of(U'\u2028'), CharacterKind::kControl);
  EXPECT_EQ(kind_of(U'\u200B'), CharacterKind::kInvisible);
  EXPECT_EQ(kind_of(U'\u00AD'), CharacterKind::kInvisible);
  EXPECT_EQ(kind_of(U'\uFFFD'), CharacterKind::kReplacement);
  EXPECT_EQ(kind_of(U'\uE000'), CharacterKind::kPrivateUse);
  EXPECT_EQ(kind_of(U'\u0378'), CharacterKind::kUnassigned);
  EXPECT_EQ(kind_of(U'\uFFFF'), CharacterKind::kUnassigned);
}

TEST(CharacterKind, NamesACharacterByItsNumberAndItsLooksWhereItHasSome) {
  EXPECT_EQ(character_name(U'a'), "'a' U+0061");
  EXPECT_EQ(character_name(U'\u20AC'), "'\u20AC' U+20AC");
  EXPECT_EQ(character_name(U'\U0001F600'), "'\U0001F600' U+1F600");
  EXPECT_EQ(character_name(U'\n'), "U+000A");
  EXPECT_EQ(character_name(U'\u0301'), "U+0301");
  EXPECT_EQ(character_name(U'\u200B'), "U+200B");
  EXPECT_EQ(character_name(0xFF, true), "byte 0xFF");
  EXPECT_EQ(character_name(kUnknownCharacter), "<unk>");
}

}  // namespace
}  // namespace charrnn
