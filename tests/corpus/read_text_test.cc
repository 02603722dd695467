#include "corpus/read_text.h"

#include <gtest/gtest.h>

#include "corpus/corpus.h"
#include "tests/corpus/corpus_text.h"
#include "tests/corpus/expected_error.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

const Vocabulary kPlain({U'\n', U' ', U'?', U'a', U'é'}, {1, 1, 1, 1, 1});
const Vocabulary kFolded({U'\n', U'a', U'é', kUnknownCharacter}, {1, 1, 1, 1}, false, Symbol{3});

Vocabulary composing(Vocabulary vocabulary) {
  vocabulary.set_reading({.universal = true, .compose = true});
  return vocabulary;
}

std::string shown(const std::vector<ReadCharacter>& characters) {
  std::string text;
  for (const auto& [character, symbol] : characters) text += symbol ? '0' + *symbol : '-';
  return text;
}

TEST(ReadText, TakesAnyLineEndAsTheCorpusDid) {
  EXPECT_EQ(shown(read_text("a\r\na\ra\n\r\n", kPlain)), "3030300");
}

TEST(ReadText, KeepsCarriageReturnsWhereTheCorpusKeptThem) {
  Vocabulary vocabulary({U'\n', U'\r', U'a'}, {1, 1, 1});
  vocabulary.set_reading({.universal = false});
  EXPECT_EQ(shown(read_text("a\r\n", vocabulary)), "210");
}

TEST(ReadText, ComposesWhereTheCorpusWasComposed) {
  EXPECT_EQ(shown(read_text("ae\u0301a", composing(kPlain))), "343");
  expect_error([] { read_text("ae\u0301", kPlain); }, ErrorKind::kUsage, {"character 2", "'e'"});
}

TEST(ReadText, AcceptsWhatAModelWithFoldedCharactersWrites) {
  EXPECT_EQ(shown(read_text(kFolded.decode({1, 3, 2}), kFolded)), "132");
  EXPECT_EQ(shown(read_text("aza", kFolded)), "131");
}

TEST(ReadText, DropsAByteOrderMark) { EXPECT_EQ(shown(read_text("\uFEFFa", kPlain)), "3"); }

TEST(ReadText, NamesTheFirstUnknownCharacterAndTheKeyThatAllowsIt) {
  expect_error(
      [] { read_text("aéb", kPlain, {.text = "the line", .key = "serve.unknown"}); },
      ErrorKind::kUsage,
      {"character 3 of the line", "'b' U+0062", "leave it out", "serve.unknown = skip or replace"});
  expect_error([] { read_text("a\xFF", kPlain); }, ErrorKind::kUsage, {"character 2", "UTF-8"});
  expect_error([] { read_text("A\xFE", Vocabulary({65}, {1}, true)); }, ErrorKind::kUsage,
               {"character 2", "byte 0xFE"});
}

TEST(ReadText, LeavesOutOrReplacesUnknownCharactersWhenAsked) {
  const UnknownRule skip{.what = UnknownCharacters::kSkip};
  const UnknownRule replace{.what = UnknownCharacters::kReplace};
  EXPECT_EQ(shown(read_text("azé", kPlain, skip)), "3-4");
  EXPECT_EQ(read_symbols("azé", kPlain, skip), (std::vector<Symbol>{3, 4}));
  EXPECT_EQ(shown(read_text("azé", kPlain, replace)), "324");
  EXPECT_EQ(shown(read_text("azé", kFolded, skip)), "132");
  EXPECT_EQ(shown(read_text("z", Vocabulary({U'a'}, {1}), replace)), "-");
}

TEST(ReadText, DealsWithIllFormedBytesAsTheCorpusDoes) {
  EXPECT_EQ(shown(read_text("a\r\xFF\na", kPlain, {.what = UnknownCharacters::kSkip})), "303");
  EXPECT_EQ(shown(read_text("a\r\xFF\na", kPlain, {.what = UnknownCharacters::kReplace})), "30203");
}

TEST(ReadText, TakesBytesAsTheyAre) {
  const Vocabulary bytes({'\n', '\r', 0xC3}, {1, 1, 1}, true);
  EXPECT_EQ(shown(read_text("\r\n", bytes)), "10");
}

TEST(ReadText, GivesTheSymbolsThatTrainingSawOfTheSameText) {
  const TemporaryDirectory folder;
  const std::string text =
      "\uFEFFA line\r\nand an e\u0301 that is composed, an é\rthat was, rare: ~\n\uFFFD\r\n\n";
  CorpusOptions options;
  options.files = {folder.write("text", text)};
  options.cache_directory = folder.at("cache");
  for (const Newlines newlines : {Newlines::kUniversal, Newlines::kKeep}) {
    for (const NormalForm normal : {NormalForm::kNone, NormalForm::kNfc}) {
      for (const std::uint64_t least : {0, 2, 3}) {
        options.newlines = newlines;
        options.normalise = normal;
        options.min_count = least;
        const auto corpus = Corpus::open(options);
        const Vocabulary stored = Vocabulary::from_json(corpus->vocabulary().to_json());
        EXPECT_EQ(read_symbols(text, stored), symbols_of(*corpus))
            << word_of(newlines) << " " << word_of(normal) << " " << least;
      }
    }
  }
}

TEST(VocabularyJson, CarriesHowTheTextIsRead) {
  Vocabulary vocabulary = kPlain;
  EXPECT_FALSE(Vocabulary::from_json(vocabulary.to_json()).has_reading());
  for (const TextReading& reading :
       {TextReading{}, TextReading{.universal = false, .compose = true},
        TextReading{.documents = {DocumentEnd::kLine}},
        TextReading{.documents = {DocumentEnd::kSeparator, "<|\"é"}}}) {
    vocabulary.set_reading(reading);
    EXPECT_EQ(Vocabulary::from_json(vocabulary.to_json()).reading(), reading);
  }
  Vocabulary bytes({0, 255}, {1, 1}, true);
  bytes.set_reading({.universal = false, .documents = {DocumentEnd::kSeparator, "\xFF\x01"}});
  EXPECT_EQ(Vocabulary::from_json(bytes.to_json()).reading(), bytes.reading());
}

TEST(VocabularyJson, TrustsNoReading) {
  const std::string head = R"({"encoding":"utf-8","symbols":["a"],"counts":[1],)";
  for (const char* rest : {
           R"("newlines":"universal"})",
           R"("newlines":"all","normalise":"none","documents":"none","separator":[]})",
           R"("newlines":"keep","normalise":"nfd","documents":"none","separator":[]})",
           R"("newlines":"keep","normalise":"nfc","documents":"page","separator":[]})",
           R"("newlines":"keep","normalise":"nfc","documents":"separator","separator":[]})",
           R"("newlines":"keep","normalise":"nfc","documents":"none","separator":["ab"]})",
           R"("newlines":"keep","normalise":"nfc","documents":"none","separator":["<unk>"]})",
           R"("newlines":"keep","normalise":"nfc","documents":"none","separator":"a"})",
       }) {
    expect_error([&] { Vocabulary::from_json(head + rest); }, ErrorKind::kCheckpoint,
                 {"vocabulary"});
  }
}

}  // namespace
}  // namespace charrnn
