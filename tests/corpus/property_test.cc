// Any text, cut into any files and read in any pieces, gives the characters that a plain decoder
// of whole strings gives.
#include <gtest/gtest.h>

#include <map>

#include "base/utf8.h"
#include "corpus/corpus.h"
#include "corpus/file_corpus.h"
#include "corpus/index.h"
#include "tests/corpus/dice.h"
#include "tests/corpus/plain_decoder.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

std::string random_text(Dice& dice, bool well_formed) {
  std::string text;
  const std::size_t parts = dice.below(120);
  const std::size_t kinds = 1 + dice.below(7);
  for (std::size_t i = 0; i < parts; ++i) {
    switch (dice.below(kinds)) {
      case 0:
        text += std::string(dice.below(40), static_cast<char>('a' + dice.below(26)));
        break;
      case 1:
        text += dice.one_of({"\r", "\n", "\r\n", "\r\r\n", "\n\r"});
        break;
      case 2:
        append_utf8(static_cast<char32_t>(0x80 + dice.below(0x780)), text);
        break;
      case 3:
        append_utf8(static_cast<char32_t>(0x800 + dice.below(0xC000)), text);
        break;
      case 4:
        append_utf8(static_cast<char32_t>(0x10000 + dice.below(0x100000)), text);
        break;
      case 5:
        text += dice.one_of({"\xEF\xBB\xBF", "é", "\x7F", "\u2028"});
        break;
      default:
        if (well_formed) break;
        for (std::size_t n = dice.below(4); n > 0; --n) {
          text.push_back(static_cast<char>(dice.one_of(
              {0x80, 0xBF, 0xC0, 0xE2, 0xED, 0xF0, 0xF4, 0xFF, 0xA0, 0x9F, 0x0D, 0x0A})));
        }
    }
  }
  return text;
}

TextForm random_form(Dice& dice) {
  TextForm form;
  form.encoding = dice.one_of(
      {Encoding::kUtf8, Encoding::kUtf8, Encoding::kUtf8, Encoding::kLatin1, Encoding::kBytes});
  form.invalid = dice.one_of({Invalid::kError, Invalid::kReplace, Invalid::kSkip});
  form.universal = form.encoding != Encoding::kBytes && dice.below(3) > 0;
  return form;
}

struct Sample {
  TextForm form;
  std::vector<std::string> paths;
  std::u32string text;
};

Sample random_sample(Dice& dice, const TemporaryDirectory& folder) {
  Sample sample;
  sample.form = random_form(dice);
  const std::size_t files = 1 + dice.below(4);
  for (std::size_t i = 0; i < files; ++i) {
    const std::string bytes = random_text(dice, sample.form.invalid == Invalid::kError);
    sample.paths.push_back(folder.write(std::to_string(i), bytes));
    sample.text += plain(bytes, sample.form);
  }
  return sample;
}

CharacterHash hash_of(const std::u32string& text, bool bytes) {
  std::string whole;
  for (const char32_t c : text) {
    if (bytes) whole.push_back(static_cast<char>(c));
    if (!bytes) append_utf8(c, whole);
  }
  CharacterHash hash;
  hash.add(whole);
  return hash;
}

std::u32string read_in_pieces(const FileCorpus& corpus, Dice& dice) {
  std::u32string text;
  Position at = corpus.locate(0);
  const std::size_t most = 1 + dice.below(200);
  while (at.character < corpus.characters()) {
    const Position located = corpus.locate(at.character);
    EXPECT_EQ(located.file, at.file);
    EXPECT_EQ(located.byte, at.byte) << "character " << at.character;
    std::uint64_t count = 0;
    std::string bytes;
    for (std::size_t reads = 1 + dice.below(3); reads > 0; --reads) {
      const std::uint64_t more =
          std::min<std::uint64_t>(dice.below(most) + 1, corpus.characters() - at.character);
      corpus.read(at, more, bytes);
      count += more;
    }
    std::vector<Symbol> symbols(count);
    corpus.decode(bytes, symbols.data(), count);
    for (const Symbol symbol : symbols) text.push_back(corpus.vocabulary().characters()[symbol]);
  }
  return text;
}

void check(unsigned seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Dice dice(seed);
  const TemporaryDirectory folder;
  const Sample sample = random_sample(dice, folder);
  const IndexShape shape{static_cast<std::uint32_t>(8 + dice.below(60)),
                         static_cast<std::uint32_t>(1 + dice.below(4))};
  const CorpusIndex index = build_index(sample.paths, sample.form, shape);
  ASSERT_EQ(index.total_characters(), sample.text.size());
  std::map<char32_t, std::uint64_t> counts;
  for (const char32_t c : sample.text) ++counts[c];
  const std::vector<std::pair<char32_t, std::uint64_t>> expected(counts.begin(), counts.end());
  EXPECT_EQ(index.characters, expected);
  EXPECT_EQ(index.content, hash_of(sample.text, sample.form.encoding == Encoding::kBytes));
  const FileCorpus corpus(index, sample.form, 0);
  EXPECT_TRUE(read_in_pieces(corpus, dice) == sample.text);
}

TEST(AnyText, InAnyFilesIsReadAsAPlainDecoderReadsIt) {
  for (unsigned seed = 0; seed < 400 && !HasFailure(); ++seed) check(seed);
}

}  // namespace
}  // namespace charrnn
