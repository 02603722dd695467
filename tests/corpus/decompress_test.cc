#include "corpus/decompress.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/corpus/compress.h"
#include "tests/corpus/expected_error.h"

namespace charrnn {
namespace {

/// A string that is handed out a few bytes at a time.
class StringStream : public ByteStream {
 public:
  StringStream(std::string bytes, std::size_t most) : bytes_(std::move(bytes)), most_(most) {}

  std::size_t read(char* to, std::size_t size) override {
    const std::size_t now = std::min({size, most_, bytes_.size() - next_});
    bytes_.copy(to, now, next_);
    next_ += now;
    return now;
  }

 private:
  std::string bytes_;
  std::size_t most_;
  std::size_t next_ = 0;
};

std::string expanded(const std::string& bytes, std::size_t in = 1 << 20, std::size_t out = 4096) {
  const Compression compression = compression_of(bytes.substr(0, kCompressionHead));
  const auto stream = decompress(std::make_unique<StringStream>(bytes, in), compression, "it");
  std::string text;
  std::string part(out, '\0');
  while (const std::size_t size = stream->read(part.data(), part.size()))
    text.append(part, 0, size);
  return text;
}

std::string sample() {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += std::to_string(i * i % 977) + (i % 7 ? " " : "\n");
  return text;
}

struct Format {
  const char* name;
  Compression compression;
  std::string (*compress)(std::string_view);
};

class Decompress : public testing::TestWithParam<Format> {
 protected:
  std::string compressed(std::string_view text) { return GetParam().compress(text); }
};

TEST_P(Decompress, KnowsTheFormatByItsContent) {
  EXPECT_EQ(compression_of(compressed("some text").substr(0, kCompressionHead)),
            GetParam().compression);
}

TEST_P(Decompress, GivesBackTheText) {
  const std::string text = sample();
  for (const std::size_t in : {1, 7, 1 << 20}) {
    for (const std::size_t out : {1, 100, 1 << 20}) {
      ASSERT_EQ(expanded(compressed(text), in, out), text) << in << ' ' << out;
    }
  }
}

TEST_P(Decompress, TakesStreamsOneAfterAnotherAsOne) {
  const std::string two = compressed("one ") + compressed("") + compressed("two");
  for (const std::size_t in : {1, 5, 1 << 20}) EXPECT_EQ(expanded(two, in), "one two");
}

TEST_P(Decompress, NoticesWhatIsCutOff) {
  const std::string whole = compressed(sample());
  for (std::size_t size = kCompressionHead; size < whole.size(); size += 1 + size / 10) {
    expect_error([&] { expanded(whole.substr(0, size)); }, ErrorKind::kInput,
                 {"it: ", GetParam().name, "ends too early", "byte " + std::to_string(size)});
  }
}

TEST_P(Decompress, NeverReturnsOtherTextForDamagedData) {
  const std::string text = sample();
  const std::string whole = compressed(text);
  int noticed = 0;
  for (std::size_t at = kCompressionHead; at < whole.size(); at += 1 + at / 20) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    try {
      EXPECT_EQ(expanded(damaged), text) << "byte " << at;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInput);
      ++noticed;
    }
  }
  EXPECT_GT(noticed, 10);
}

TEST_P(Decompress, RefusesWhatFollowsTheEnd) {
  expect_error([&] { expanded(compressed("text") + "and more, that is no stream"); },
               ErrorKind::kInput, {"damaged"});
}

INSTANTIATE_TEST_SUITE_P(Formats, Decompress,
                         testing::Values(Format{"gzip", Compression::kGzip, gzip},
                                         Format{"zstd", Compression::kZstd, zstd},
                                         Format{"xz", Compression::kXz, xz},
                                         Format{"bzip2", Compression::kBzip2, bzip2}),
                         [](const auto& format) { return std::string(format.param.name); });

TEST(Compression, OfGzipMayBeFollowedByZerosAsInGzipItself) {
  for (const std::size_t zeros : {1, 511, 300'000}) {
    const std::string padded = gzip("some text") + std::string(zeros, '\0');
    EXPECT_EQ(expanded(padded), "some text") << zeros;
    EXPECT_EQ(expanded(padded, 7), "some text") << zeros;
    expect_error([&] { expanded(padded + "x and more than a header has"); }, ErrorKind::kInput,
                 {"gzip", "damaged"});
  }
}

TEST(Compression, IsNotSeenInPlainText) {
  for (const char* text : {"", "B", "BZh9 is how bzip2 begins", "\x1F\x8B", "(\xB5/", "text"}) {
    EXPECT_EQ(compression_of(text), Compression::kNone) << text;
  }
}

}  // namespace
}  // namespace charrnn
