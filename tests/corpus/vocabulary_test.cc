#include "corpus/vocabulary.h"

#include <gtest/gtest.h>

#include "tests/corpus/expected_error.h"

namespace charrnn {
namespace {

const Vocabulary kText({U'\n', U'"', U'a', U'é', U'\U0001F600'}, {5, 4, 3, 2, 1});

TEST(Vocabulary, FindsEachCharacterAtItsPlace) {
  for (std::size_t i = 0; i < kText.size(); ++i) EXPECT_EQ(kText.find(kText.characters()[i]), i);
  EXPECT_EQ(kText.find(U'b'), std::nullopt);
}

TEST(Vocabulary, DecodesSymbols) { EXPECT_EQ(kText.decode({2, 3, 0, 4}), "aé\n😀"); }

TEST(Vocabulary, ShowsUnknownAsTheReplacementCharacter) {
  const Vocabulary vocabulary({U'a', kUnknownCharacter}, {1, 1}, false, Symbol{1});
  EXPECT_EQ(vocabulary.decode({0, 1}), "a\uFFFD");
  EXPECT_EQ(vocabulary.find(kUnknownCharacter), std::nullopt);
}

TEST(Vocabulary, RefusesPartsThatDoNotFit) {
  const auto refuses = [](std::vector<char32_t> characters, std::vector<std::uint64_t> counts,
                          bool bytes = false, std::optional<Symbol> unknown = std::nullopt) {
    expect_error([&] { Vocabulary(characters, counts, bytes, unknown); }, ErrorKind::kCheckpoint,
                 {});
  };
  refuses({U'a', U'b'}, {1});
  refuses({U'b', U'a'}, {1, 1});
  refuses({U'a', U'a'}, {1, 1});
  refuses({0xD800}, {1});
  refuses({0x110000}, {1});
  refuses({256}, {1}, true);
  refuses({U'a'}, {1}, false, Symbol{1});
  refuses({U'a'}, {1}, false, Symbol{0});
}

TEST(VocabularyJson, IsTheSameForEveryone) {
  EXPECT_EQ(Vocabulary({U'\n', U'a', U'é'}, {7, 8, 9}).to_json(),
            "{\"encoding\":\"utf-8\",\"symbols\":[\"\\n\",\"a\",\"é\"],\"counts\":[7,8,9]}\n");
  EXPECT_EQ(Vocabulary({0, 255, kUnknownCharacter}, {1, 2, 3}, true, Symbol{2}).to_json(),
            "{\"encoding\":\"bytes\",\"symbols\":[0,255,\"<unk>\"],\"counts\":[1,2,3]}\n");
}

TEST(VocabularyJson, BringsBackWhatWasWritten) {
  const Vocabulary bytes({0, 10, 255, kUnknownCharacter}, {1, 2, ~std::uint64_t{0}, 4}, true,
                         Symbol{3});
  for (const Vocabulary& vocabulary : {kText, bytes, Vocabulary()}) {
    const Vocabulary read = Vocabulary::from_json(vocabulary.to_json());
    EXPECT_EQ(read, vocabulary);
    EXPECT_EQ(read.counts(), vocabulary.counts());
  }
}

TEST(VocabularyJson, AcceptsOtherSpacingAndEscapes) {
  EXPECT_EQ(Vocabulary::from_json(R"({ "counts": [1, 2], "encoding": "utf-8",
                                       "symbols": [":", "\u00e9"] })"),
            Vocabulary({U':', U'é'}, {1, 2}));
}

TEST(VocabularyJson, TrustsNothing) {
  for (const char* text : {
           "",
           "[]",
           "{",
           "null",
           R"({"encoding":"utf-8","symbols":["a"]})",
           R"({"encoding":"utf-8","symbols":["a"],"counts":[1,2]})",
           R"({"encoding":"utf-8","symbols":["b","a"],"counts":[1,2]})",
           R"({"encoding":"utf-8","symbols":["a","a"],"counts":[1,2]})",
           R"({"encoding":"utf-8","symbols":["ab"],"counts":[1]})",
           R"({"encoding":"utf-8","symbols":[""],"counts":[1]})",
           R"({"encoding":"utf-8","symbols":[97],"counts":[1]})",
           R"({"encoding":"bytes","symbols":["a"],"counts":[1]})",
           R"({"encoding":"bytes","symbols":[256],"counts":[1]})",
           R"({"encoding":"utf-8","symbols":["a"],"counts":[-1]})",
           R"({"encoding":"utf-8","symbols":["a"],"counts":[1.5]})",
           R"({"encoding":"utf-8","symbols":["<unk>","a"],"counts":[1,1]})",
           R"({"encoding":"latin","symbols":["a"],"counts":[1]})",
           R"({"encoding":"utf-8","symbols":["a"],"counts":[1],"counts":[2]})",
           R"({"encoding":"utf-8","symbols":["a"],"counts":[1],"more":0})",
           R"({"encoding":"utf-8","symbols":["a"],"counts":[1]} x)",
       }) {
    expect_error([&] { Vocabulary::from_json(text); }, ErrorKind::kCheckpoint, {"vocabulary"});
  }
}

}  // namespace
}  // namespace charrnn
