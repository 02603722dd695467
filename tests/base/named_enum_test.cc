#include "base/named_enum.h"

#include <gtest/gtest.h>

namespace charrnn {

enum class Colour { kRed, kGreen };
template <>
inline constexpr std::array<std::string_view, 2> kWords<Colour>{"red", "green"};

namespace {

enum class Wordless { kOne };

TEST(NamedEnum, EachValueHasItsWordAndEachWordItsValue) {
  EXPECT_EQ(word_of(Colour::kRed), "red");
  EXPECT_EQ(word_of(Colour::kGreen), "green");
  EXPECT_EQ(value_of<Colour>("green"), Colour::kGreen);
}

TEST(NamedEnum, AnotherWordHasNoValue) {
  EXPECT_EQ(value_of<Colour>("Green"), std::nullopt);
  EXPECT_EQ(value_of<Colour>(""), std::nullopt);
}

TEST(NamedEnum, OnlyAnEnumWithWordsIsOne) {
  EXPECT_TRUE(NamedEnum<Colour>);
  EXPECT_FALSE(NamedEnum<Wordless>);
  EXPECT_FALSE(NamedEnum<int>);
}

}  // namespace
}  // namespace charrnn
