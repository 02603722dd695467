#include "corpus/line_reader.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "base/error.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

class LineReaderTest : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& content) const {
    const auto path = directory.path() / name;
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }

  static std::vector<std::string> all(const std::vector<std::string>& sources,
                                      std::size_t longest = 100) {
    std::vector<std::string> shown;
    LineReader reader(sources, longest);
    for (auto lines = reader.next(); !lines.empty(); lines = reader.next()) {
      for (const TextLine& line : lines) {
        shown.push_back(std::to_string(line.source) + ":" + std::to_string(line.number) + ":" +
                        line.text);
      }
    }
    return shown;
  }

  TemporaryDirectory directory;
};

using Lines = std::vector<std::string>;

TEST_F(LineReaderTest, NumbersTheLinesOfEachFileAndTakesOffWhatEndsThem) {
  const auto one = file("one", "a\r\n\nlast without a newline");
  const auto two = file("two", "b\n");
  EXPECT_EQ(all({one, two}), (Lines{"0:1:a", "0:2:", "0:3:last without a newline", "1:1:b"}));
  EXPECT_EQ(all({file("empty", "")}), Lines{});
}

TEST_F(LineReaderTest, ReadsCompressedFiles) {
  const auto path = (directory.path() / "text.gz").string();
  gzFile out = gzopen(path.c_str(), "wb");
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "line\n";
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  const auto lines = all({path});
  ASSERT_EQ(lines.size(), 100000u);
  EXPECT_EQ(lines.back(), "0:100000:line");
}

TEST_F(LineReaderTest, CutsALongLineIntoPiecesOfOneNumberBetweenCharacters) {
  const auto long_line = file("long", "aaa\u00e4bbbbbb\u00e4\nnext\n");
  EXPECT_EQ(all({long_line}, 4),
            (Lines{"0:1:aaa", "0:1:\u00e4bb", "0:1:bbbb", "0:1:\u00e4", "0:2:next"}));
  EXPECT_EQ(all({file("odd", "\x80\x80\x80\x80\x80\x80")}, 4),
            (Lines{"0:1:\x80\x80\x80\x80", "0:1:\x80\x80"}));
}

TEST_F(LineReaderTest, EndsWhenItIsToldToStop) {
  const std::atomic<bool> stop = true;
  LineReader reader({file("one", "a\n")}, 100, &stop);
  EXPECT_THROW(reader.next(), Stopped);
}

}  // namespace
}  // namespace charrnn
