#include "serve/engine/text_pattern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <regex>
#include <set>

#include "serve/engine/dfa_matcher.h"
#include "serve/engine/row.h"

namespace charrnn {
namespace {

// ASCII from space on, a line feed, 'é' and 'я'.
std::shared_ptr<const Vocabulary> vocabulary() {
  std::vector<char32_t> characters{U'\n'};
  for (char32_t c = U' '; c < 127; ++c) characters.push_back(c);
  characters.push_back(U'\u00e9');
  characters.push_back(U'\u044f');
  std::vector<std::uint64_t> counts(characters.size(), 1);
  return std::make_shared<const Vocabulary>(std::move(characters), std::move(counts));
}

const std::vector<std::string> kPatterns{
    R"(\d{4}-\d\d-\d\d)",
    "[A-Z][a-z]+ [A-Z][a-z]+",
    "[a-z_][a-z0-9_]{0,30}",
    "(a|b)*abb",
    "(cat|car|dog)s?",
    R"(([a-z]+\.)*[a-z]+@([a-z]{2,5}\.)?[a-z]{2,3})",
    "((a|b)*c|d(ef)*)*x",
    R"(\{"name": "[A-Z][a-z]*", "tags": \[("[a-z]*"(, "[a-z]*")*)?\]\})",
    "a.*b.*c",
    R"([^"]{1,200})",
    "a{1,60}b{1,60}",
    "(?:a|b(?:c|d)?)*?e$",
    "^a$|^b$",
    R"((\w|\d)*)",
    "(a*)*b",
    "(?:(?:a?b?)*c?)*d",
    "[a-z\u00e9]{3,}\u044f+",
    "",
    "a|",
    R"(\p{Lu}\p{Ll}+)",
    "(ab|cd){2,}",
    "(a?){3,5}b",
    "[0-9]{1,3}(,[0-9]{3})*",
    R"((?<year>\d{4})/x)",
    "(|a)+b",
    "(a|ab)(c|bcd)(d*)",
    "x{0,}y{3,}",
    "(ab?)+$|x"};

TEST(TextPattern, FollowsRandomTextsAsTheWholeMatcherJudgesThem) {
  const auto known = vocabulary();
  std::mt19937 dice(1);
  std::vector<std::uint8_t> fits;
  for (const std::string& regex : kPatterns) {
    const TextPattern pattern(regex, *known);
    DfaMatcher whole("(?:" + regex + ")");
    for (int round = 0; round < 300; ++round) {
      std::string text;
      auto state = TextPattern::kStart;
      for (int length = 0; length < 25; ++length) {
        const bool alive = state != TextPattern::kNone;
        ASSERT_EQ(whole.matches(text), alive && pattern.complete(state)) << regex << ": " << text;
        if (!alive) break;
        pattern.find_fitting(state, 1'000'000, fits);
        std::vector<Symbol> symbols;
        for (Symbol symbol = 0; symbol < fits.size(); ++symbol) {
          if (fits[symbol] != 0) symbols.push_back(symbol);
        }
        ASSERT_EQ(symbols.empty(), !pattern.goes_on(state)) << regex << ": " << text;
        const bool any = symbols.empty() || dice() % 10 == 0;
        const auto symbol =
            any ? static_cast<Symbol>(dice() % known->size()) : symbols[dice() % symbols.size()];
        known->append(symbol, text);
        state = pattern.next(state, symbol);
      }
    }
  }
}

std::string why_not(const std::string& regex) {
  try {
    const TextPattern pattern(regex, *vocabulary());
    return "-";
  } catch (const PatternError& error) {
    return error.what();
  }
}

TEST(TextPattern, WhatCannotBeFollowedCharacterByCharacterIsRefusedWithItsReason) {
  for (const char* regex : {"(?=a)b", "(?<!a)b", R"(\bfoo)", R"((a)\1)", "a++", "(?i)a",
                            "(*ACCEPT)", R"(\K)", R"(\Qa\E)", "(?>a)", "(?R)", R"(\X)"}) {
    EXPECT_NE(why_not(regex).find("supported"), std::string::npos) << regex << why_not(regex);
  }
  for (const char* regex :
       {"(a", "a)", "[a", "*a", "a{2}{3}", R"(a\)", "[z-a]", R"(\p{Nothing})"}) {
    EXPECT_NE(why_not(regex), "-") << regex;
  }
}

TEST(TextPattern, ItsSizeIsBounded) {
  EXPECT_NE(why_not(std::string(1025, 'a')), "-");
  EXPECT_NE(why_not("((((a{1,100}){1,100}){1,100}){1,100})"), "-");
  EXPECT_NE(why_not("(a|b)*a(a|b){14}").find("too many"), std::string::npos);
  EXPECT_NE(why_not("a{3000}").find("too many"), std::string::npos);
  EXPECT_NE(why_not(std::string(300, '(') + std::string(300, ')')), "-");
}

TEST(TextPattern, WhatTheModelCannotWriteIsKeptOutOfTheWay) {
  EXPECT_NE(why_not("\u6f22"), "-");
  const auto known = vocabulary();
  const TextPattern pattern("a(\u6f22|b)c|ab\u6f22", *known);
  std::vector<std::uint8_t> fits;
  const auto a = pattern.next(TextPattern::kStart, *known->find(U'a'));
  const auto b = pattern.next(a, *known->find(U'b'));
  pattern.find_fitting(b, 10, fits);
  EXPECT_EQ(std::count(fits.begin(), fits.end(), 1), 1);
  EXPECT_EQ(fits[*known->find(U'c')], 1);
  EXPECT_THROW(TextPattern("ab", *known, {*known->find(U'a')}), PatternError);
}

TEST(TextPattern, NothingIsChosenFromWhichNoMatchEndsInTime) {
  const auto known = vocabulary();
  const TextPattern pattern("a(b|cccc)d", *known);
  EXPECT_EQ(pattern.shortest(TextPattern::kStart), 3U);
  const auto a = pattern.next(TextPattern::kStart, *known->find(U'a'));
  std::vector<std::uint8_t> fits;
  pattern.find_fitting(a, 4, fits);
  EXPECT_EQ(fits[*known->find(U'b')], 1);
  EXPECT_EQ(fits[*known->find(U'c')], 0);
  pattern.find_fitting(a, 5, fits);
  EXPECT_EQ(fits[*known->find(U'c')], 1);
}

class PatternTexts : public testing::TestWithParam<const char*> {};

// 10,000 texts of a network that knows nothing of the form.
TEST_P(PatternTexts, AllMatch) {
  Snapshot snapshot;
  snapshot.vocabulary = vocabulary();
  snapshot.network = {static_cast<int>(snapshot.vocabulary->size()), 8, 1};
  snapshot.weights = std::make_shared<const Weights>(initial_weights(snapshot.network, 1));
  const auto shared = std::make_shared<const Snapshot>(snapshot);
  const PackedNetwork network(snapshot.network, *snapshot.weights);
  const auto pattern = std::make_shared<const TextPattern>(GetParam(), *snapshot.vocabulary);
  const std::regex plain(GetParam());
  std::vector<float> scores(snapshot.vocabulary->size());
  Sampler sampler;
  std::set<std::string> different;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    Generation generation;
    generation.snapshot = shared;
    generation.pattern = pattern;
    generation.seed = seed;
    generation.max_tokens = 30;
    Row row(std::move(generation));
    Piece piece;
    row.begin(sampler, piece);
    while (!row.done()) {
      RowState* const state = &row.state();
      const Symbol input = row.input();
      network.advance({&state, 1}, {&input, 1}, scores);
      row.read(scores, sampler, piece);
    }
    ASSERT_EQ(piece.finish, Finish::kStop);
    ASSERT_TRUE(std::regex_match(piece.text, plain)) << piece.text;
    different.insert(piece.text);
  }
  EXPECT_GT(different.size(), 100U);
}

INSTANTIATE_TEST_SUITE_P(DatesNamesAndIdentifiers, PatternTexts,
                         testing::Values("[12][0-9]{3}-(0[1-9]|1[0-2])-[0-3][0-9]",
                                         "[A-Z][a-z]+( [A-Z][a-z]+){1,2}",
                                         "[a-zA-Z_][a-zA-Z0-9_]*"));

}  // namespace
}  // namespace charrnn
