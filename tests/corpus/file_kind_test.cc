#include "corpus/file_kind.h"

#include <gtest/gtest.h>

#include "corpus/corpus.h"
#include "tests/corpus/compress.h"
#include "tests/corpus/corpus_text.h"
#include "tests/corpus/expected_error.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

using namespace std::string_literals;

std::string wide(const std::string& text, bool big_endian) {
  std::string bytes;
  for (const char c : text) bytes += big_endian ? "\0"s + c : c + "\0"s;
  return bytes;
}

std::string told(const std::string& head, Encoding encoding = Encoding::kUtf8) {
  return wrong_kind(head, encoding).value_or("");
}

void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(FileKind, ArchivesAndDocumentsAreKnownByTheirFirstBytes) {
  std::string tar(512, '\0');
  tar.replace(0, 8, "name.txt").replace(257, 5, "ustar");
  expect_part(told(tar), "tar archive");
  expect_part(told("PK\x03\x04 and more"), "zip archive");
  expect_part(told("%PDF-1.7\n"), "pdftotext");
  expect_part(told("\x04\x22\x4D\x18\x64"), "lz4 -d");
  expect_part(told("SQLite format 3\0"s), "SQLite");
  for (const Encoding encoding : {Encoding::kLatin1, Encoding::kWindows1252, Encoding::kUtf16}) {
    expect_part(told("%PDF-1.7\n", encoding), "PDF");
  }
  EXPECT_EQ(told("%PDF-1.7\n", Encoding::kBytes), "");
}

TEST(FileKind, AByteOrderMarkOfAnotherEncodingIsNamedWithWhatToType) {
  expect_part(told("\xFF\xFE" + wide("text", false)), "set corpus.encoding = utf-16");
  expect_part(told("\xFE\xFF" + wide("text", true), Encoding::kLatin1), "= utf-16");
  expect_part(told("\xEF\xBB\xBFtext", Encoding::kLatin1), "= utf-8");
  expect_part(told("\xEF\xBB\xBFtext", Encoding::kUtf16), "= utf-8");
  expect_part(told("\xFF\xFE\0\0t\0\0\0"s, Encoding::kUtf16), "iconv -f UTF-32");
  EXPECT_EQ(told("\xEF\xBB\xBFtext"), "");
  EXPECT_EQ(told("\xFF\xFE" + wide("text", false), Encoding::kUtf16), "");
}

TEST(FileKind, Utf16AndUtf32WithoutAMarkAreNamed) {
  const std::string text = "A line of some text.\nAnd another one.\n";
  expect_part(told(wide(text, false)), "set corpus.encoding = utf-16");
  expect_part(told(wide(text, false), Encoding::kLatin1), "set corpus.encoding = utf-16");
  expect_part(told(wide(text, true)), "iconv -f UTF-16BE");
  expect_part(told(wide(text, true), Encoding::kUtf16), "iconv -f UTF-16BE");
  EXPECT_EQ(told(wide(text, false), Encoding::kUtf16), "");
  std::string cyrillic;
  for (int i = 0; i < 40; ++i) cyrillic += {static_cast<char>(0x30 + i % 16), '\x04'};
  expect_part(told(cyrillic), "set corpus.encoding = utf-16");
  std::string four;
  for (const char c : text) four += c + "\0\0\0"s;
  expect_part(told(four), "UTF-32");
}

TEST(FileKind, TextIsText) {
  EXPECT_EQ(told(""), "");
  EXPECT_EQ(told("PK is no archive"), "");
  EXPECT_EQ(told("begin" + std::string(500, '\0')), "");
  EXPECT_EQ(told("\x1B[31mred\x1B[0m\r\n\ttext\f\n"), "");
  EXPECT_EQ(told("a\0b\0"s), "");  // too short to tell
}

TEST(InvalidUtf8, ThatLooksLikeWindows1252IsNamedWithWhatToType) {
  expect_part(advice_for_invalid_utf8("He said: \x93Yes\x94 \x96 caf\xE9."),
              "set corpus.encoding = windows-1252");
  expect_part(advice_for_invalid_utf8("grüße café über \xFF naïve"), "corpus.invalid = replace");
  expect_part(advice_for_invalid_utf8("\xFF\xD8\x80\x80\xFF\x81"),
              "set corpus.encoding to what it is");
}

class OpenedFile : public testing::Test {
 protected:
  OpenedFile() { options_.cache_directory = folder_.at("cache"); }
  void expect_refused(const std::string& content, std::initializer_list<std::string> parts) {
    options_.files = {folder_.write("file", content)};
    expect_error([&] { Corpus::open(options_); }, ErrorKind::kInput, parts);
  }

  TemporaryDirectory folder_;
  CorpusOptions options_;
};

TEST_F(OpenedFile, IsRefusedWhenItIsNoText) {
  std::string tar(1024, '\0');
  tar.replace(0, 8, "name.txt").replace(257, 5, "ustar");
  expect_refused(tar, {"file", "tar archive"});
  expect_refused(gzip(tar), {"file", "tar archive"});
  expect_refused(tar + std::string(200'000, 'x'), {"file", "tar archive"});
  options_.normalise = NormalForm::kNfc;
  expect_refused(tar, {"file", "tar archive"});
}

TEST_F(OpenedFile, ThatIsNotValidIsToldWhatItLooksLike) {
  const std::string text = "He said: \x93Yes\x94, and had a caf\xE9.\n";
  expect_refused(text, {"file", "byte 9", "set corpus.encoding = windows-1252"});
  expect_refused(gzip(text), {"file", "byte 9", "set corpus.encoding = windows-1252"});
  expect_refused(std::string(200'000, 'x') + text, {"byte 200009", "= windows-1252"});
}

TEST_F(OpenedFile, OfWindows1252IsReadAsItIs) {
  options_.encoding = Encoding::kWindows1252;
  for (const bool packed : {false, true}) {
    const std::string text = "\x80 \x93q\x94 \x81 caf\xE9\r\n";
    options_.files = {folder_.write("file", packed ? gzip(text) : text)};
    const auto corpus = Corpus::open(options_);
    const std::string expected = "€ “q” \u0081 café\n";
    EXPECT_EQ(text_of(*corpus), expected);
    CorpusOptions plain = options_;
    plain.encoding = Encoding::kUtf8;
    plain.files = {folder_.write("plain", expected)};
    EXPECT_EQ(Corpus::open(plain)->fingerprint(), corpus->fingerprint());
  }
}

}  // namespace
}  // namespace charrnn
