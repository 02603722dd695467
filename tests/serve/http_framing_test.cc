#include "serve/http_framing.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/serve/unsound_heads.h"

namespace charrnn {
namespace {

TEST(HttpFraming, TheFirstLineTellsHttpFromAPrompt) {
  for (const char* line : {"GET / HTTP/1.1\r\n", "POST /v1/completions HTTP/1.1\r\n", "GET /\n",
                           "HEAD /health HTTP/1.0\r\n", "OPTIONS * HTTP/1.1\r\n",
                           "BREW x HTTP/1.1\r\n", "GET http://localhost/ HTTP/1.1\r\n"}) {
    EXPECT_TRUE(is_http_line(line)) << line;
  }
  for (const char* line :
       {"GET out of my way\n", "In the beginning\n", "\n", "GET\n", "POST\n",
        "{\"prompt\": \"GET / HTTP/1.1\"}\n", "get / of it\n", "PUT it down, HTTP/1.1 said\n"}) {
    EXPECT_FALSE(is_http_line(line)) << line;
  }
}

TEST(HttpFraming, TheHeadEndsAtItsEmptyLine) {
  EXPECT_FALSE(head_size("GET / HTTP/1.1\r\nHost: a\r\n"));
  EXPECT_EQ(head_size("GET / HTTP/1.1\r\nHost: a\r\n\r\nbody"), 27U);
  EXPECT_EQ(head_size("GET /\n\nbody"), 7U);
}

TEST(HttpFraming, SoundHeadsPass) {
  EXPECT_FALSE(framing_fault(head_of("")));
  EXPECT_FALSE(framing_fault(head_of("Content-Length: 5\r\nAccept: */*\r\n")));
  EXPECT_FALSE(framing_fault(head_of("Transfer-Encoding: chunked\r\n")));
  EXPECT_FALSE(framing_fault(head_of("Transfer-Encoding:  Chunked \r\n")));
  EXPECT_FALSE(framing_fault(head_of("X:\r\nY: a\tb\r\n", "GET /a?b=c HTTP/1.0")));
}

class UnsoundHead : public testing::TestWithParam<std::string> {};

TEST_P(UnsoundHead, IsRefused) { EXPECT_TRUE(framing_fault(GetParam())) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(All, UnsoundHead, testing::ValuesIn(unsound_heads()));

TEST(HttpFraming, TooManyLinesAreRefused) {
  std::string lines;
  for (std::size_t i = 0; i < kMostHeaderLines; ++i) lines += "A: b\r\n";
  EXPECT_TRUE(framing_fault(head_of(lines)));
}

TEST(HttpFraming, RandomHeadsAreJudgedAndNothingElse) {
  std::mt19937 random(5);
  const std::string sound = head_of("Content-Length: 5\r\nA: b\r\n");
  for (int i = 0; i < 50'000; ++i) {
    std::string text = sound;
    for (int changes = 1 + static_cast<int>(random() % 5); changes > 0; --changes) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    framing_fault(text);
    is_http_line(text);
    head_size(text);
  }
}

}  // namespace
}  // namespace charrnn
