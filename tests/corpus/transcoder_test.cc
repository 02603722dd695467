#include "corpus/transcoder.h"

#include <gtest/gtest.h>

#include "base/utf8.h"
#include "tests/corpus/expected_error.h"

namespace charrnn {
namespace {

struct Result {
  std::string text;
  InvalidSequences invalid;
};

/// All of `bytes`, fed in pieces of `piece` bytes; the mark in front of the result taken off.
Result transcoded(const TextForm& form, std::string_view bytes, std::size_t piece = 1 << 20) {
  const auto transcoder = make_transcoder(form, "it");
  std::string out;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    transcoder->feed(bytes.substr(0, piece), false, out);
  }
  transcoder->feed("", true, out);
  EXPECT_EQ(out.substr(0, 3), "\xEF\xBB\xBF");
  return {out.substr(3), transcoder->invalid()};
}

TextForm form_of(Encoding encoding, Invalid invalid = Invalid::kError, bool compose = false) {
  TextForm form;
  form.encoding = encoding;
  form.invalid = invalid;
  form.compose = compose;
  return form;
}

std::string bytes_of(const std::u16string& units, bool big_endian) {
  std::string bytes;
  for (const char16_t unit : units) {
    const char low = static_cast<char>(unit & 0xFF);
    const char high = static_cast<char>(unit >> 8);
    bytes += big_endian ? std::string{high, low} : std::string{low, high};
  }
  return bytes;
}

TEST(Utf16, IsReadInBothOrders) {
  for (const std::size_t piece : {1, 2, 3, 100}) {
    const TextForm form = form_of(Encoding::kUtf16);
    const std::u16string text = u"\uFEFFaé中😀\r\n";
    EXPECT_EQ(transcoded(form, bytes_of(text, false), piece).text, "aé中😀\r\n");
    EXPECT_EQ(transcoded(form, bytes_of(text, true), piece).text, "aé中😀\r\n");
    EXPECT_EQ(transcoded(form, bytes_of(text.substr(1), false), piece).text, "aé中😀\r\n");
    EXPECT_EQ(transcoded(form, bytes_of(u"\uFEFF\uFEFFx", true), piece).text, "\uFEFFx");
  }
}

TEST(Utf16, LoneSurrogatesAndHalvesAreIllFormed) {
  const std::string odd = bytes_of(u"ab", false) + "c";
  const std::u16string lone = {u'a', 0xD800, u'b', 0xDC00, u'c', 0xD800};
  expect_error([&] { transcoded(form_of(Encoding::kUtf16), odd); }, ErrorKind::kInput,
               {"it", "UTF-16", "byte 4"});
  expect_error([&] { transcoded(form_of(Encoding::kUtf16), bytes_of(lone, false)); },
               ErrorKind::kInput, {"byte 2"});
  for (const std::size_t piece : {1, 2, 3, 100}) {
    const Result replaced = transcoded(form_of(Encoding::kUtf16, Invalid::kReplace),
                                       "\xFF\xFE" + bytes_of(lone, false), piece);
    EXPECT_EQ(replaced.text, "a\uFFFDb\uFFFDc\uFFFD");
    EXPECT_EQ(replaced.invalid.count, 3u);
    EXPECT_EQ(replaced.invalid.first, 4u);
    EXPECT_EQ(transcoded(form_of(Encoding::kUtf16, Invalid::kSkip), odd, piece).text, "ab");
  }
}

TEST(Utf8, PassesWhenItIsWellFormed) {
  const std::string text = "aé中😀\uFEFF" + std::string(100, 'x') + "é";
  for (std::size_t piece = 1; piece < 40; ++piece) {
    EXPECT_EQ(transcoded(form_of(Encoding::kUtf8), text, piece).text, text);
    EXPECT_EQ(transcoded(form_of(Encoding::kUtf8), "\xEF\xBB\xBF" + text, piece).text, text);
  }
  EXPECT_EQ(transcoded(form_of(Encoding::kUtf8), "").text, "");
}

TEST(Utf8, IsCleanedTheSameWayWhateverThePieces) {
  const std::string bad =
      "\xFF\xEF\xBB\xBF"
      "a\xE2\x82"
      "b\x80" +
      std::string(70, 'x') + "\xF0\x9F";
  for (std::size_t piece = 1; piece < 90; ++piece) {
    const Result replaced = transcoded(form_of(Encoding::kUtf8, Invalid::kReplace), bad, piece);
    EXPECT_EQ(replaced.text, "\uFFFD\uFEFFa\uFFFDb\uFFFD" + std::string(70, 'x') + "\uFFFD")
        << piece;
    EXPECT_EQ(replaced.invalid.count, 4u);
    EXPECT_EQ(replaced.invalid.first, 0u);
    const Result skipped = transcoded(form_of(Encoding::kUtf8, Invalid::kSkip), bad, piece);
    EXPECT_EQ(skipped.text, "\uFEFFab" + std::string(70, 'x'));
    expect_error([&] { transcoded(form_of(Encoding::kUtf8), bad.substr(1), piece); },
                 ErrorKind::kInput, {"byte 4"});
    expect_error([&] { transcoded(form_of(Encoding::kUtf8), "ab\xC3", piece); }, ErrorKind::kInput,
                 {"byte 2"});
  }
}

TEST(Composition, IsCanonicalWhateverThePieces) {
  // e with acute; A with ring and dot below in the wrong order; a Hangul syllable of three jamo;
  // a Tamil vowel of two parts; a compatibility character, which stays.
  const std::string decomposed = "e\u0301 A\u030A\u0323\n\u1112\u1161\u11AB \u0BC6\u0BBE \uFB01 x";
  const std::string composed = "\u00E9 \u1EA0\u030A\n\uD55C \u0BCA \uFB01 x";
  for (std::size_t piece = 1; piece < 40; ++piece) {
    EXPECT_EQ(transcoded(form_of(Encoding::kUtf8, Invalid::kError, true), decomposed, piece).text,
              composed)
        << piece;
  }
}

TEST(Composition, OfEndlessMarksStaysBounded) {
  std::string text = "a";
  for (int i = 0; i < 100000; ++i) text += "\u0301";
  const Result result = transcoded(form_of(Encoding::kUtf8, Invalid::kError, true), text, 4096);
  EXPECT_TRUE(result.text.starts_with("\u00E1\u0301"));
}

}  // namespace
}  // namespace charrnn
