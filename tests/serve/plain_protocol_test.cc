#include "serve/plain_protocol.h"

#include <gtest/gtest.h>

namespace charrnn {
namespace {

TEST(PlainProtocol, OnlyABraceMakesAJsonLine) {
  EXPECT_TRUE(is_json_line("{\"prompt\": \"a\"}"));
  EXPECT_FALSE(is_json_line(" {"));
  EXPECT_FALSE(is_json_line(""));
}

TEST(PlainProtocol, TheNewlineIsNoPartOfThePrompt) {
  EXPECT_EQ(without_newline("a b\n"), "a b");
  EXPECT_EQ(without_newline("a b\r\n"), "a b");
  EXPECT_EQ(without_newline("a b"), "a b");
  EXPECT_EQ(without_newline("\n"), "");
}

TEST(PlainProtocol, TextAndEndAreObjectsOfTheirOwn) {
  Piece piece;
  piece.text = "a\"\n\u00e9";
  std::string out;
  append_ndjson(piece, out);
  EXPECT_EQ(out, "{\"text\":\"a\\\"\\n\u00e9\"}\n");

  piece.prompt_tokens = 3;
  piece.completion_tokens = 5;
  piece.finish = Finish::kLength;
  piece.text.clear();
  out.clear();
  append_ndjson(piece, out);
  EXPECT_EQ(out, "{\"finish_reason\":\"length\",\"prompt_tokens\":3,\"completion_tokens\":5}\n");
}

TEST(PlainProtocol, AStreamThatWasCutOffEndsWithAnErrorObject) {
  Piece piece;
  piece.finish = Finish::kShutdown;
  std::string out;
  append_ndjson(piece, out);
  EXPECT_EQ(out,
            "{\"error\":{\"message\":\"the server is stopping\",\"type\":\"server_error\","
            "\"param\":null,\"code\":\"shutting_down\"}}\n");
}

TEST(PlainProtocol, AnErrorStaysOneLine) {
  EXPECT_EQ(error_line("what\nelse\x1b"), "error: what else \n");
}

}  // namespace
}  // namespace charrnn
