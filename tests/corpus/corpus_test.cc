#include "corpus/corpus.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "tests/corpus/compress.h"
#include "tests/corpus/expected_error.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

class CorpusOf : public testing::Test {
 protected:
  /// Writes one file for each text, and opens them in this order.
  std::shared_ptr<const Corpus> open(const std::vector<std::string>& texts) {
    options_.files.clear();
    options_.cache_directory = folder_.at("cache");
    for (std::size_t i = 0; i < texts.size(); ++i) {
      options_.files.push_back(folder_.write("text" + std::to_string(i), texts[i]));
    }
    return Corpus::open(options_);
  }

  static std::string text(const Corpus& corpus, std::uint64_t first, std::uint64_t count) {
    Position at = corpus.locate(first);
    std::string bytes;
    corpus.read(at, count, bytes);
    EXPECT_EQ(at.character, first + count);
    std::vector<Symbol> symbols(count);
    corpus.decode(bytes, symbols.data(), symbols.size());
    return corpus.vocabulary().decode(symbols);
  }

  /// Reads a little, as often as it takes to notice that a file was changed.
  static void read_often(const Corpus& corpus) {
    for (int i = 0; i < 40; ++i) text(corpus, 0, 3);
  }

  static std::string text(const Corpus& corpus) { return text(corpus, 0, corpus.characters()); }

  std::string file(int number) const { return folder_.at("text" + std::to_string(number)); }

  TemporaryDirectory folder_;
  CorpusOptions options_;
};

TEST_F(CorpusOf, SeveralFilesIsOneSequence) {
  const auto corpus = open({"abc", "", "dé\n", "", "f"});
  EXPECT_EQ(corpus->characters(), 7u);
  EXPECT_EQ(text(*corpus), "abcdé\nf");
  EXPECT_EQ(text(*corpus, 2, 3), "cdé");
  EXPECT_EQ(corpus->files().size(), 5u);
  EXPECT_EQ(corpus->file_starts(), (std::vector<std::uint64_t>{0, 3, 3, 6, 6}));
  EXPECT_EQ(corpus->vocabulary(),
            Vocabulary({U'\n', U'a', U'b', U'c', U'd', U'f', U'é'}, {1, 1, 1, 1, 1, 1, 1}));
}

TEST_F(CorpusOf, AnyFileCountsItsCharacters) {
  const auto corpus = open({"aab\na"});
  EXPECT_EQ(corpus->vocabulary().counts(), (std::vector<std::uint64_t>{1, 3, 1}));
}

TEST_F(CorpusOf, CarriageReturnsAreLineFeedsAsInPython) {
  const auto corpus = open({"a\r\nb\rc\r\r\nd\r", "\ne\n\r"});
  EXPECT_EQ(text(*corpus), "a\nb\nc\n\nd\n\ne\n\n");
  EXPECT_EQ(corpus->vocabulary().find(U'\r'), std::nullopt);
}

TEST_F(CorpusOf, CarriageReturnsCanBeKept) {
  options_.newlines = Newlines::kKeep;
  EXPECT_EQ(text(*open({"a\r\nb\rc"})), "a\r\nb\rc");
}

TEST_F(CorpusOf, AReadNeverCutsACarriageReturnFromItsLineFeed) {
  const auto corpus = open({"a\r\n\r\nb"});
  Position at = corpus->locate(0);
  std::string bytes;
  corpus->read(at, 2, bytes);
  EXPECT_EQ(bytes, "a\r\n");
  EXPECT_EQ(at.byte, 3u);
}

TEST_F(CorpusOf, ACarriageReturnAndItsLineFeedMayPartAtAnyPlaceOfALongText) {
  for (std::size_t shift = 0; shift < 130; ++shift) {
    std::string stored = "first\r\n" + std::string(shift, 'a');
    std::string plain = "first\n" + std::string(shift, 'a');
    for (int line = 0; line < 4; ++line) {
      stored += "\r\n" + std::string(150, 'b');
      plain += "\n" + std::string(150, 'b');
    }
    const auto corpus = open({stored});
    ASSERT_EQ(corpus->characters(), plain.size()) << shift;
    ASSERT_EQ(text(*corpus, 0, plain.size()), plain) << shift;
  }
}

TEST_F(CorpusOf, AByteOrderMarkIsNoText) {
  const auto corpus =
      open({"\xEF\xBB\xBF"
            "ab",
            "\xEF\xBB\xBF\xEF\xBB\xBF"
            "é"});
  EXPECT_EQ(text(*corpus), "ab\uFEFFé");
  EXPECT_EQ(corpus->locate(0).byte, 3u);
  EXPECT_EQ(corpus->locate(2).byte, 3u);
}

TEST_F(CorpusOf, BytesAreTakenAsTheyAre) {
  options_.encoding = Encoding::kBytes;
  std::string all;
  for (int byte = 255; byte >= 0; --byte) all.push_back(static_cast<char>(byte));
  const auto corpus = open({all + "\r\n"});
  EXPECT_EQ(corpus->vocabulary().size(), 256u);
  EXPECT_TRUE(corpus->vocabulary().bytes());
  EXPECT_EQ(text(*corpus), all + "\r\n");
}

TEST_F(CorpusOf, Latin1BecomesUnicode) {
  options_.encoding = Encoding::kLatin1;
  EXPECT_EQ(text(*open({"caf\xE9\r\n\xFF\r\n"})), "café\nÿ\n");
}

TEST_F(CorpusOf, IllFormedTextIsAnErrorAtItsFirstByte) {
  expect_error(
      [&] {
        open({"fine", "abc\xFF\xFE"});
      },
      ErrorKind::kInput, {file(1), "byte 3", "corpus.invalid"});
  for (const char* bad : {"\x80", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82",
                          "\xF0\x9F\x98", "\xC3"}) {
    expect_error([&] { open({std::string("ab") + bad}); }, ErrorKind::kInput, {"byte 2"});
  }
}

TEST_F(CorpusOf, IllFormedTextCanBeReplacedOrSkipped) {
  const std::vector<std::string> texts = {
      "a\xFF\xE2\x82"
      "b\xF0\x9F\x98",
      "\x80"
      "c\r\xFF\nd"};
  options_.invalid = Invalid::kReplace;
  EXPECT_EQ(text(*open(texts)), "a\uFFFD\uFFFDb\uFFFD\uFFFDc\n\uFFFD\nd");
  options_.invalid = Invalid::kSkip;
  EXPECT_EQ(text(*open(texts)), "abc\nd");
}

TEST_F(CorpusOf, RareCharactersAreFolded) {
  options_.min_count = 2;
  const auto corpus = open({"aaébbcc\u4E2D"});
  EXPECT_EQ(corpus->vocabulary(),
            Vocabulary({U'a', U'b', U'c', kUnknownCharacter}, {2, 2, 2, 2}, false, Symbol{3}));
  EXPECT_EQ(text(*corpus), "aa\uFFFDbbcc\uFFFD");
}

TEST_F(CorpusOf, MoreThan65535CharactersAreRefused) {
  std::string all;
  for (char32_t c = 0x10000; c < 0x10000 + 65536; ++c) {
    all += {static_cast<char>(0xF0), static_cast<char>(0x80 | (c >> 12 & 63)),
            static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
  }
  expect_error([&] { open({all}); }, ErrorKind::kInput, {"65536", "corpus.min_count"});
  all.resize(all.size() - 4);
  EXPECT_EQ(open({all})->vocabulary().size(), 65535u);
}

TEST_F(CorpusOf, NothingIsRefused) {
  expect_error([&] { open({""}); }, ErrorKind::kInput, {file(0), "empty"});
  expect_error([&] { open({"\xEF\xBB\xBF", ""}); }, ErrorKind::kInput, {"empty"});
}

TEST_F(CorpusOf, BytesHaveNoNormalForm) {
  options_.encoding = Encoding::kBytes;
  options_.normalise = NormalForm::kNfc;
  expect_error([&] { open({"a"}); }, ErrorKind::kConfig, {"corpus.normalise = nfc", "bytes"});
}

TEST_F(CorpusOf, StopsWhenAsked) {
  open({"abc"});
  const std::atomic<bool> stop = true;
  EXPECT_THROW(Corpus::open(options_, &stop), Stopped);
}

TEST_F(CorpusOf, TheFingerprintIsOfTheContentAlone) {
  const std::string first = open({"abc", "def"})->fingerprint();
  TemporaryDirectory elsewhere;
  options_.files = {elsewhere.write("x", "abc"), elsewhere.write("y", "def")};
  EXPECT_EQ(Corpus::open(options_)->fingerprint(), first);
  std::reverse(options_.files.begin(), options_.files.end());
  EXPECT_NE(Corpus::open(options_)->fingerprint(), first);
  EXPECT_NE(open({"abc", "dex"})->fingerprint(), first);
}

TEST_F(CorpusOf, TheFingerprintIsTheSameForTheSameCharactersInAnyStorage) {
  std::string text;
  for (int i = 0; i < 9000; ++i) text += "line " + std::to_string(i) + " of some café\n";
  const std::string first = open({text})->fingerprint();
  EXPECT_EQ(open({text.substr(0, 70001), "", text.substr(70001)})->fingerprint(), first);
  EXPECT_EQ(open({"\xEF\xBB\xBF" + text})->fingerprint(), first);
  std::string returns;
  std::string latin1;
  std::string wide = "\xFF\xFE";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') returns += '\r';
    returns += text[i];
    const bool two = text[i] == '\xC3';
    latin1 += two ? '\xE9' : text[i];
    wide += {two ? '\xE9' : text[i], '\0'};
    if (two) returns += text[++i];
  }
  EXPECT_EQ(open({returns})->fingerprint(), first);
  EXPECT_EQ(open({gzip(text)})->fingerprint(), first);
  options_.encoding = Encoding::kUtf16;
  EXPECT_EQ(open({wide})->fingerprint(), first);
  options_.encoding = Encoding::kLatin1;
  EXPECT_EQ(open({latin1})->fingerprint(), first);
  options_.encoding = Encoding::kBytes;
  EXPECT_NE(open({text})->fingerprint(), first);
}

TEST_F(CorpusOf, TheFingerprintSeesOneChangedCharacterAmongMany) {
  std::string text(300000, 'a');
  text[150000] = 'b';
  const auto corpus = open({text});
  std::swap(text[150000], text[200000]);
  const auto changed = open({text});
  EXPECT_EQ(changed->sampled_fingerprint(), corpus->sampled_fingerprint());
  EXPECT_EQ(changed->vocabulary().counts(), corpus->vocabulary().counts());
  EXPECT_NE(changed->fingerprint(), corpus->fingerprint());
  EXPECT_TRUE(corpus->has_fingerprint(corpus->sampled_fingerprint()));
  EXPECT_FALSE(changed->has_fingerprint(corpus->fingerprint()));
}

TEST_F(CorpusOf, AFileThatShrinksGrowsOrVanishesIsNoticed) {
  const std::string content(300000, 'x');
  auto corpus = open({content});
  read_often(*corpus);
  std::filesystem::resize_file(file(0), 5);
  expect_error([&] { read_often(*corpus); }, ErrorKind::kInput, {file(0), "300000", "5 "});

  corpus = open({content});
  read_often(*corpus);
  std::filesystem::resize_file(file(0), 300001);
  expect_error([&] { read_often(*corpus); }, ErrorKind::kInput, {file(0), "300001"});

  corpus = open({content});
  read_often(*corpus);
  std::filesystem::remove(file(0));
  expect_error([&] { read_often(*corpus); }, ErrorKind::kInput, {file(0), "deleted"});

  corpus = open({content});
  std::filesystem::remove(file(0));
  expect_error([&] { read_often(*corpus); }, ErrorKind::kInput, {file(0), "No such file"});
}

TEST_F(CorpusOf, ATouchedFileIsTheSameAndARewrittenOneIsNot) {
  const auto corpus = open({std::string(1000, 'x')});
  const auto read_one = [&] { return text(*corpus, 500, 1); };
  const timespec times[2] = {{1, 0}, {1, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, file(0).c_str(), times, 0), 0);
  read_often(*corpus);
  EXPECT_EQ(read_one(), "x");
  folder_.write("text0", std::string(999, 'x') + "y");
  expect_error([&] { read_often(*corpus); }, ErrorKind::kInput, {file(0), "changed"});
}

TEST_F(CorpusOf, AFileThatMayNotBeReadIsNamed) {
  const std::string path = folder_.write("secret", "text");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  options_.files = {path};
  // Root may read everything: be somebody else for as long as it takes.
  constexpr uid_t kNobody = 65534;
  const uid_t user = geteuid();
  ASSERT_EQ(seteuid(user == 0 ? kNobody : user), 0);
  expect_error([&] { Corpus::open(options_); }, ErrorKind::kInput, {path, "Permission denied"});
  ASSERT_EQ(seteuid(user), 0);
}

TEST_F(CorpusOf, AFileThatBecameUnreadableOrAPipeBeforeItsTurnIsNamed) {
  // More than stay open, so that the last ones are opened again.
  std::vector<std::string> texts(400, "some text\n");
  const auto corpus = open(texts);
  ASSERT_EQ(chmod(file(399).c_str(), 0), 0);
  ASSERT_EQ(std::filesystem::remove(file(398)), true);
  ASSERT_EQ(mkfifo(file(398).c_str(), 0600), 0);
  EXPECT_EQ(text(*corpus, 0, 3980).size(), 3980u);
  expect_error([&] { text(*corpus, 3975, 10); }, ErrorKind::kInput, {file(398), "regular file"});
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  constexpr uid_t kNobody = 65534;
  const uid_t user = geteuid();
  ASSERT_EQ(seteuid(user == 0 ? kNobody : user), 0);
  expect_error([&] { text(*corpus, 3995, 2); }, ErrorKind::kInput,
               {file(399), "Permission denied"});
  ASSERT_EQ(seteuid(user), 0);
}

TEST_F(CorpusOf, AFileThatIsOverwrittenInPlaceIsNoticed) {
  const auto corpus = open({std::string(100, 'a') + "b\u00E9"});
  text(*corpus);
  folder_.write("text0", std::string(101, 'a') + "\u00E9");
  expect_error([&] { read_often(*corpus); }, ErrorKind::kInput, {file(0), "changed"});
}

TEST_F(CorpusOf, OneEndlessLineIsReadInPieces) {
  options_.cache_directory = folder_.at("cache");
  const std::uint64_t size = 64 << 20;
  options_.files = {folder_.write("line", "begin")};
  std::filesystem::resize_file(options_.files[0], size);  // NULs, without taking disk
  std::ofstream(options_.files[0], std::ios::app | std::ios::binary) << "é end";
  const auto corpus = Corpus::open(options_);
  EXPECT_EQ(corpus->characters(), size + 5);
  EXPECT_EQ(corpus->vocabulary().counts()[0], size - 5);
  EXPECT_EQ(text(*corpus, size - 1, 4), std::string("\0é e", 5));
  EXPECT_EQ(corpus->locate(size + 1).byte, size + 2);
}

TEST_F(CorpusOf, RandomBytesAreRefusedReplacedOrTaken) {
  std::mt19937 random(3);
  std::string bytes(300000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  expect_error([&] { open({bytes}); }, ErrorKind::kInput, {file(0), "not valid UTF-8 at byte"});
  options_.invalid = Invalid::kReplace;
  const auto replaced = open({bytes});
  EXPECT_GT(replaced->report().invalid, 100000u);
  EXPECT_EQ(replaced->report().first_invalid_file, file(0));
  EXPECT_EQ(text(*replaced).size(),
            text(*replaced, 0, 1000).size() +
                text(*replaced, 1000, replaced->characters() - 1000).size());
  options_.encoding = Encoding::kBytes;
  EXPECT_EQ(text(*open({bytes})), bytes);
}

TEST_F(CorpusOf, MoreFilesThanMayBeOpenIsReadByManyThreads) {
  std::vector<std::string> texts;
  for (int i = 0; i < 600; ++i) texts.push_back(std::to_string(i) + "é\n");
  std::string all;
  for (const std::string& part : texts) all += part;
  const auto corpus = open(texts);
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 4; ++seed) {
    threads.emplace_back([&, seed] {
      std::mt19937 random(seed);
      for (int i = 0; i < 300; ++i) {
        const std::uint64_t first = random() % (corpus->characters() - 20);
        EXPECT_EQ(text(*corpus, first, 1) + text(*corpus, first + 1, 19), text(*corpus, first, 20));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(text(*corpus), all);
}

TEST_F(CorpusOf, DecodingRefusesOtherBytesThanWereRead) {
  const auto corpus = open({"ab\né"});
  Symbol symbols[4];
  for (const char* bytes : {"a", "abab\n", "a\xFF", "aZ", "a\xC3"}) {
    expect_error([&] { corpus->decode(bytes, symbols, 2); }, ErrorKind::kInput, {"indexed"});
  }
  corpus->decode("éb", symbols, 2);
  EXPECT_EQ(symbols[0], 3);
}

}  // namespace
}  // namespace charrnn
