#include "model/grown_weights.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "model/packed_network.h"

namespace charrnn {
namespace {

const Vocabulary kBefore({U'b', U'd', U'e'}, {1, 1, 1});
const Vocabulary kAfter({U'a', U'b', U'c', U'e', U'f', kUnknownCharacter}, {1, 1, 1, 1, 1, 1},
                        false, 5);
const NetworkShape kShape{.vocabulary = 3, .hidden = 20, .layers = 2};
const NetworkShape kGrownShape{.vocabulary = 6, .hidden = 20, .layers = 2};

Weights small_weights() {
  Weights weights(parameter_count(kShape));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<float>(static_cast<int>(i * 2654435761U % 2001U) - 1000) / 2000.0F;
  }
  return weights;
}

// The scores after each of these characters.
std::vector<float> scores(const NetworkShape& shape, const Weights& weights,
                          const Vocabulary& alphabet, const std::u32string& text) {
  const PackedNetwork network(shape, weights);
  RowState state = zero_row_state(shape);
  std::vector<float> all;
  for (const char32_t character : text) {
    RowState* const states[] = {&state};
    const Symbol symbols[] = {alphabet.find(character).value()};
    std::vector<float> row(static_cast<std::size_t>(shape.vocabulary));
    network.advance(states, symbols, row);
    for (const char32_t kept : {U'b', U'e'}) all.push_back(row[alphabet.find(kept).value()]);
  }
  return all;
}

TEST(GrownWeights, ScoreTheCharactersOfBothAlphabetsAsBefore) {
  const Weights before = small_weights();
  const Weights after = grown_weights(before, kShape, kBefore, kAfter, 7);
  ASSERT_EQ(after.size(), parameter_count(kGrownShape));
  EXPECT_EQ(scores(kShape, before, kBefore, U"bebbee"),
            scores(kGrownShape, after, kAfter, U"bebbee"));
}

TEST(GrownWeights, DrawWhatIsNewFromTheSeedAndKeepAllElse) {
  const Weights before = small_weights();
  const Weights after = grown_weights(before, kShape, kBefore, kAfter, 7);
  const Weights drawn = initial_weights(kGrownShape, 7);
  const auto old_layout = parameter_layout(kShape);
  const auto layout = parameter_layout(kGrownShape);
  std::size_t fresh = 0;
  std::size_t kept = 0;
  for (std::size_t t = 0; t < layout.size(); ++t) {
    for (std::size_t i = 0; i < layout[t].size; ++i) {
      const bool is_drawn = after[layout[t].offset + i] == drawn[layout[t].offset + i];
      (is_drawn ? fresh : kept) += 1;
    }
    if (old_layout[t].size != layout[t].size) continue;
    for (std::size_t i = 0; i < layout[t].size; ++i) {
      ASSERT_EQ(after[layout[t].offset + i], before[old_layout[t].offset + i]) << layout[t].name;
    }
  }
  // Of each of a, c, f and <unk>: a column of 4H, a row of H and a bias. Two are b's and e's.
  EXPECT_EQ(fresh, 4U * (80 + 20 + 1));
  EXPECT_EQ(kept, after.size() - fresh);
}

TEST(GrownWeights, OfTheSameAlphabetAreTheSame) {
  EXPECT_EQ(grown_weights(small_weights(), kShape, kBefore, kBefore, 7), small_weights());
}

TEST(GrownWeights, RefuseWeightsOfAnotherNetwork) {
  EXPECT_THROW(grown_weights(small_weights(), kGrownShape, kBefore, kAfter, 7), Error);
  EXPECT_THROW(grown_weights(small_weights(), kShape, kAfter, kAfter, 7), Error);
}

}  // namespace
}  // namespace charrnn
