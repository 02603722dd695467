#include "pipeline/commands/scored_lines.h"

#include <gtest/gtest.h>

namespace charrnn {
namespace {

ScoredLine line(std::uint64_t number, const std::string& text, double nats) {
  ScoredLine line{{0, number, text}, {}};
  for (const char c : text) {
    line.score.characters.push_back({static_cast<char32_t>(c), Symbol{1}});
    line.score.nats.push_back(nats);
  }
  line.score.end = nats;
  return line;
}

TEST(OddestLines, AreTheMostSurprisingOnesInTheirOrderAndEarlierOnesFirst) {
  OddestLines oddest(3);
  const double nats[] = {1, 5, 2, 5, 4, 0.5, 4};
  for (std::uint64_t i = 0; i < std::size(nats); ++i) oddest.add(line(i + 1, "ab", nats[i]));
  std::vector<std::uint64_t> numbers;
  for (const ScoredLine& each : oddest.take()) numbers.push_back(each.line.number);
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{2, 4, 5}));
}

TEST(ScoredLine, IsShownInColumnsWithItsSourceWhereThereAreSeveral) {
  const ScoredLine one = line(7, "ab", 0.25);
  EXPECT_EQ(shown_line(one, {.sources = {"-"}}), "0.2500\t7\tab\n");
  EXPECT_EQ(shown_line(one, {.sources = {"a.log", "b.log"}}), "0.2500\ta.log:7\tab\n");
}

TEST(ScoredLine, MarksSurprisingCharactersOnATerminal) {
  ScoredLine one = line(1, "abc", 0.5);
  one.score.nats[1] = 9;
  EXPECT_EQ(shown_line(one, {.sources = {"-"}, .marks = true}), "2.6250\t1\ta\x1b[7mb\x1b[0mc\n");
}

TEST(ScoredLine, IsAJsonObjectWithTheCostOfEachCharacterWhereThatIsAskedFor) {
  LineForm form{.format = SampleFormat::kJsonLines, .sources = {"a\"b"}};
  const ScoredLine one = line(7, "a\t", 0.12345);
  const std::string head =
      R"({"nats":1.235E-1,"source":"a\"b","line":7,"characters":3,"text":"a\t")";
  EXPECT_EQ(shown_line(one, form), head + "}\n");
  form.characters = true;
  EXPECT_EQ(shown_line(one, form), head + ",\"character_nats\":[1.235E-1,1.235E-1]}\n");
}

}  // namespace
}  // namespace charrnn
