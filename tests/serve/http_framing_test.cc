#include "serve/http_framing.h"

#include <gtest/gtest.h>

#include <random>

namespace charrnn {
namespace {

constexpr const char* kHost = "Host: localhost\r\n";

std::string head(const std::string& lines, const std::string& first = "POST / HTTP/1.1") {
  return first + "\r\n" + kHost + lines + "\r\n";
}

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
  EXPECT_FALSE(framing_fault(head("")));
  EXPECT_FALSE(framing_fault(head("Content-Length: 5\r\nAccept: */*\r\n")));
  EXPECT_FALSE(framing_fault(head("Transfer-Encoding: chunked\r\n")));
  EXPECT_FALSE(framing_fault(head("Transfer-Encoding:  Chunked \r\n")));
  EXPECT_FALSE(framing_fault(head("X:\r\nY: a\tb\r\n", "GET /a?b=c HTTP/1.0")));
}

class UnsoundHead : public testing::TestWithParam<std::string> {};

TEST_P(UnsoundHead, IsRefused) { EXPECT_TRUE(framing_fault(GetParam())) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(
    Lengths, UnsoundHead,
    testing::Values(head("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
                    head("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
                    head("Content-Length: 5\r\nContent-Length: 5\r\n"),
                    head("Content-Length: 5\r\nContent-Length: 6\r\n"),
                    head("Content-Length: 5, 5\r\n"), head("Content-Length: -5\r\n"),
                    head("Content-Length: +5\r\n"), head("Content-Length: 0x5\r\n"),
                    head("Content-Length: 5 6\r\n"), head("Content-Length:\r\n"),
                    head("Content-Length: 99999999999999999999\r\n")));

INSTANTIATE_TEST_SUITE_P(
    Encodings, UnsoundHead,
    testing::Values(head("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"),
                    head("Transfer-Encoding: gzip, chunked\r\n"),
                    head("Transfer-Encoding: chunked, identity\r\n"),
                    head("Transfer-Encoding: identity\r\n"),
                    head("Transfer-Encoding: xchunked\r\n"),
                    head("Transfer-Encoding: \"chunked\"\r\n"),
                    head("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
                    head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
                    head("Transfer-Encoding:\x0b"
                         "chunked\r\n"),
                    head("Transfer-Encoding: chunk\r\n"), head("Transfer-Encoding:\r\n")));

INSTANTIATE_TEST_SUITE_P(Lines, UnsoundHead,
                         testing::Values(head("Transfer-Encoding : chunked\r\n"),
                                         head("Content-Length\t: 5\r\n"), head(" folded: x\r\n"),
                                         head("A: b\r\n c\r\n"), head("A: b\r\n\tc\r\n"),
                                         head("A: b\nC: d\r\n"), head("A: b\rC: d\r\n"),
                                         head(std::string("A: \0b\r\n", 8)), head("no colon\r\n"),
                                         head(": no name\r\n"), head("A: \x01\r\n"),
                                         head("A: \x7f\r\n"), head("N\xc3\xa4me: x\r\n"),
                                         head("Host: other\r\n")));

INSTANTIATE_TEST_SUITE_P(FirstLines, UnsoundHead,
                         testing::Values(head("", "GET /"), head("", "GET / HTTP/2.0"),
                                         head("", "GET / HTTP/1.1 "), head("", "GET  HTTP/1.1"),
                                         head("", "GET /a b HTTP/1.1"), head("", "GET / http/1.1"),
                                         head("", "GET / HTTP/1.10"), head("", "G@T / HTTP/1.1"),
                                         head("", " GET / HTTP/1.1"),
                                         std::string("GET / HTTP/1.1\r\n\r\n"),
                                         std::string("\r\n\r\n"), std::string()));

TEST(HttpFraming, TooManyLinesAreRefused) {
  std::string lines;
  for (std::size_t i = 0; i < kMostHeaderLines; ++i) lines += "A: b\r\n";
  EXPECT_TRUE(framing_fault(head(lines)));
}

TEST(HttpFraming, RandomHeadsAreJudgedAndNothingElse) {
  std::mt19937 random(5);
  const std::string sound = head("Content-Length: 5\r\nA: b\r\n");
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
