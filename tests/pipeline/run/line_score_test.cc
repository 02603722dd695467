#include "pipeline/run/line_score.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "base/error.h"

namespace charrnn {
namespace {

Vocabulary vocabulary_of(const std::u32string& characters) {
  return {{characters.begin(), characters.end()}, std::vector<std::uint64_t>(characters.size(), 1)};
}

class LineScoreTest : public ::testing::Test {
 protected:
  void make(const std::u32string& characters) {
    vocabulary = vocabulary_of(characters);
    const NetworkShape shape{static_cast<int>(vocabulary.size()), 24, 2};
    Weights weights = initial_weights(shape, 7);
    for (float& weight : weights) weight *= 4;  // far from uniform scores
    network = std::make_unique<PackedNetwork>(shape, weights);
  }

  std::vector<LineScore> score(const std::vector<std::string_view>& lines,
                               UnknownCharacters unknown = UnknownCharacters::kReplace) const {
    return LineScorer(*network, vocabulary, {.what = unknown, .text = "a line", .key = "k"})
        .score(lines);
  }

  // One character after another on one row, from a zeroed state.
  std::vector<double> plain(const std::u32string& text) const {
    const auto v = static_cast<std::size_t>(network->shape().vocabulary);
    RowState state = zero_row_state(network->shape());
    RowState* const row = &state;
    std::vector<float> scores(v);
    std::vector<double> costs;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      const Symbol symbol = *vocabulary.find(text[i]);
      network->advance({&row, 1}, {&symbol, 1}, scores);
      double sum = 0;
      for (const float s : scores) sum += std::exp(static_cast<double>(s));
      costs.push_back(std::log(sum) - scores[*vocabulary.find(text[i + 1])]);
    }
    return costs;
  }

  static void expect_costs(const LineScore& line, const std::vector<double>& want) {
    std::vector<double> costs = line.nats;
    if (line.end) costs.push_back(*line.end);
    ASSERT_EQ(costs.size(), want.size());
    for (std::size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(costs[i], want[i], 1e-9) << i;
  }

  Vocabulary vocabulary;
  std::unique_ptr<PackedNetwork> network;
};

TEST_F(LineScoreTest, IsThatOfTheLineBetweenTwoNewlinesByItself) {
  make(U"\n ?abc");
  const auto scores = score({"abca", "", "c b"});
  expect_costs(scores[0], plain(U"\nabca\n"));
  expect_costs(scores[1], plain(U"\n\n"));
  expect_costs(scores[2], plain(U"\nc b\n"));
  EXPECT_EQ(scores[0].scored(), 5u);
  EXPECT_NEAR(scores[0].mean(), scores[0].total() / 5, 1e-12);
}

TEST_F(LineScoreTest, DependsOnNoOtherLineHoweverManyThereAre) {
  make(U"\n ?abc");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 300; ++i) texts.push_back(std::string(i % 37, "abc "[i % 4]) + "ab");
  const auto together = score({texts.begin(), texts.end()});
  for (std::size_t i = 0; i < texts.size(); i += 23) {
    const auto alone = score({texts[i]});
    EXPECT_EQ(together[i].nats, alone[0].nats) << i;
    EXPECT_EQ(together[i].end, alone[0].end) << i;
  }
}

TEST_F(LineScoreTest, ReplacesLeavesOutOrRefusesWhatTheModelDoesNotKnow) {
  make(U"\n ?abc");
  expect_costs(score({"aXb"})[0], plain(U"\na?b\n"));
  const auto skipped = score({"aXb"}, UnknownCharacters::kSkip)[0];
  EXPECT_EQ(skipped.nats[1], 0.0);
  EXPECT_EQ(skipped.scored(), 3u);
  const auto want = plain(U"\nab\n");
  EXPECT_NEAR(skipped.total(), want[0] + want[1] + want[2], 1e-9);
  EXPECT_THROW(score({"aXb"}, UnknownCharacters::kError), Error);
}

TEST_F(LineScoreTest, WithoutANewlineInTheVocabularyBeginsAtTheFirstCharacter) {
  make(U" ?abc");
  const auto score = this->score({"abc", "", "a"});
  EXPECT_EQ(score[0].end, std::nullopt);
  EXPECT_EQ(score[0].nats[0], 0.0);
  const auto want = plain(U"abc");
  EXPECT_NEAR(score[0].nats[2], want[1], 1e-9);
  EXPECT_EQ(score[0].scored(), 2u);
  EXPECT_EQ(score[1].mean(), 0.0);
  EXPECT_EQ(score[2].mean(), 0.0);
}

}  // namespace
}  // namespace charrnn
