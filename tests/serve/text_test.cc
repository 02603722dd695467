#include <gtest/gtest.h>

#include "serve/engine/stop_texts.h"
#include "serve/engine/utf8_gate.h"

namespace charrnn {
namespace {

std::string through_gate(std::string_view bytes, std::size_t cut) {
  Utf8Gate gate;
  std::string out;
  gate.push(bytes.substr(0, cut), out);
  gate.push(bytes.substr(cut), out);
  return out;
}

TEST(Utf8Gate, WholeCharactersPassHoweverTheyAreCut) {
  const std::string text = "a\u00e9\u20ac\U0001F600z";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) EXPECT_EQ(through_gate(text, cut), text);
}

TEST(Utf8Gate, NothingOfACharacterLeavesBeforeItIsWhole) {
  Utf8Gate gate;
  std::string out;
  gate.push("\xF0\x9F\x98", out);
  EXPECT_EQ(out, "");
  gate.push("\x80", out);
  EXPECT_EQ(out, "\U0001F600");
}

TEST(Utf8Gate, WhatCannotBecomeACharacterIsReplaced) {
  EXPECT_EQ(through_gate("a\xFFz", 1), "a\uFFFDz");
  EXPECT_EQ(through_gate("a\xE2\x82z", 2), "a\uFFFDz");
  EXPECT_EQ(through_gate("a\xE2\x82", 2), "a");
  EXPECT_EQ(through_gate("\xED\xA0\x80", 2), "\uFFFD\uFFFD\uFFFD");
}

struct Stopped {
  std::string out;
  bool stopped = false;
};

Stopped feed(const std::vector<std::string>& stops, const std::string& text) {
  StopTexts matcher(stops);
  Stopped result;
  for (const char c : text) {
    if (matcher.push(std::string(1, c), result.out).has_value()) {
      result.stopped = true;
      return result;
    }
  }
  matcher.finish(result.out);
  return result;
}

TEST(StopTexts, TextBeforeTheStopIsGivenAndNotTheStop) {
  const auto result = feed({"END"}, "abcENDef");
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(result.out, "abc");
}

TEST(StopTexts, ABeginningThatLeadsNowhereIsGivenInTheEnd) {
  EXPECT_EQ(feed({"END"}, "abEN").out, "abEN");
  EXPECT_EQ(feed({"END"}, "ENENEx").out, "ENENEx");
  EXPECT_FALSE(feed({"END"}, "ENENEx").stopped);
}

TEST(StopTexts, OverlappingBeginningsAreSeen) {
  EXPECT_EQ(feed({"aab"}, "xaaab").out, "xa");
  EXPECT_EQ(feed({"abab"}, "abaabab").out, "aba");
}

TEST(StopTexts, TheFirstOfSeveralEndsIt) { EXPECT_EQ(feed({"zz", "b"}, "aabzz").out, "aa"); }

TEST(StopTexts, NothingThatMayBeAStopLeavesEarly) {
  StopTexts matcher({"stop"});
  std::string out;
  EXPECT_FALSE(matcher.push("a st", out).has_value());
  EXPECT_EQ(out, "a ");
  EXPECT_FALSE(matcher.push("ay", out).has_value());
  EXPECT_EQ(out, "a stay");
}

}  // namespace
}  // namespace charrnn
