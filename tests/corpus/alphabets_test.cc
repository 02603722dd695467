#include "corpus/alphabets.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace charrnn {
namespace {

const Vocabulary kKnown({U'a', U'c', U'e'}, {5, 6, 7});
const Vocabulary kFound({U'b', U'c', U'z'}, {1, 2, 3});
const Vocabulary kWithUnknown({U'a', U'c', kUnknownCharacter}, {5, 6, 7}, false, 2);

using Characters = std::vector<char32_t>;
using Counts = std::vector<std::uint64_t>;

TEST(Alphabets, WhatIsLackingHasItsCounts) {
  EXPECT_EQ(lacking(kKnown, kFound).characters(), (Characters{U'b', U'z'}));
  EXPECT_EQ(lacking(kKnown, kFound).counts(), (Counts{1, 3}));
  EXPECT_EQ(lacking(kKnown, kKnown).size(), 0U);
  EXPECT_EQ(lacking(kKnown, kWithUnknown).unknown(), Symbol{0});
  EXPECT_EQ(lacking(kWithUnknown, kWithUnknown).size(), 0U);
}

TEST(Alphabets, AnExtendedOneHasTheSymbolsOfBothAndTheTextsCounts) {
  const Vocabulary both = extended(kKnown, kFound);
  EXPECT_EQ(both.characters(), (Characters{U'a', U'b', U'c', U'e', U'z'}));
  EXPECT_EQ(both.counts(), (Counts{0, 1, 2, 0, 3}));
  EXPECT_FALSE(both.unknown());
  EXPECT_EQ(extended(kKnown, kWithUnknown).unknown(), Symbol{3});
  EXPECT_EQ(extended(kWithUnknown, kFound).unknown(), Symbol{4});
}

TEST(Alphabets, AFrozenOneGetsNothingButUnknown) {
  const Vocabulary same = frozen(kKnown, kKnown);
  EXPECT_EQ(same, kKnown);
  const Vocabulary needed = frozen(kKnown, kFound);
  EXPECT_EQ(needed.characters(), (Characters{U'a', U'c', U'e', kUnknownCharacter}));
  EXPECT_EQ(needed.counts(), (Counts{0, 2, 0, 4}));
  EXPECT_EQ(needed.unknown(), Symbol{3});
  const Vocabulary had = frozen(kWithUnknown, kFound);
  EXPECT_EQ(had, kWithUnknown);
  EXPECT_EQ(had.counts(), (Counts{0, 2, 4}));
}

TEST(Alphabets, BytesAndCharactersDoNotMix) {
  const Vocabulary bytes({1, 2}, {1, 1}, true);
  EXPECT_THROW(lacking(kKnown, bytes), Error);
  EXPECT_THROW(extended(bytes, kFound), Error);
  EXPECT_THROW(frozen(bytes, kFound), Error);
}

}  // namespace
}  // namespace charrnn
