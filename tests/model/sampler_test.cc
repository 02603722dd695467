#include "model/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/counter_rng.h"
#include "base/error.h"

namespace charrnn {
namespace {

using Probabilities = std::vector<double>;

Probabilities distribution(const std::vector<float>& scores, const SamplingOptions& options,
                           const std::vector<Symbol>& recent = {}) {
  Sampler sampler;
  const auto span = sampler.distribution(scores, options, recent);
  return {span.begin(), span.end()};
}

void expect_near(const Probabilities& got, const Probabilities& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-7) << i;
}

float log_of(double probability) { return static_cast<float>(std::log(probability)); }

std::vector<float> random_scores(std::uint64_t seed, std::size_t size) {
  std::vector<float> scores(size);
  for (std::size_t i = 0; i < size; ++i) {
    // Steps of 1/8: equal scores are frequent.
    scores[i] = std::floor(static_cast<float>(uniform53(seed, i, 1)) * 64.0F) / 8.0F - 3.0F;
  }
  return scores;
}

TEST(Sampler, SoftmaxOfTheScoresWithoutFilters) {
  expect_near(distribution({log_of(0.1), log_of(0.6), log_of(0.3)}, {}), {0.1, 0.6, 0.3});
  expect_near(distribution({5.0F}, {}), {1.0});
}

TEST(Sampler, TemperatureDividesTheScores) {
  // p^2 and p^(1/2), renormalised.
  const std::vector<float> scores{log_of(0.1), log_of(0.6), log_of(0.3)};
  expect_near(distribution(scores, {.temperature = 0.5}), {0.01 / 0.46, 0.36 / 0.46, 0.09 / 0.46});
  const double sum = std::sqrt(0.1) + std::sqrt(0.6) + std::sqrt(0.3);
  expect_near(distribution(scores, {.temperature = 2.0}),
              {std::sqrt(0.1) / sum, std::sqrt(0.6) / sum, std::sqrt(0.3) / sum});
}

TEST(Sampler, TemperatureZeroTakesTheMostProbableAndTheLowestSymbolAmongEquals) {
  expect_near(distribution({1.0F, 3.0F, 3.0F, 2.0F}, {.temperature = 0.0}), {0, 1, 0, 0});
  expect_near(distribution({3.0F, 3.0F}, {.temperature = 0.0, .top_k = 5, .top_p = 0.1}), {1, 0});
}

TEST(Sampler, TopKKeepsTheMostProbableAndTheLowerSymbolAmongEquals) {
  const std::vector<float> scores{log_of(0.1), log_of(0.4), log_of(0.1), log_of(0.4)};
  expect_near(distribution(scores, {.top_k = 1}), {0, 1, 0, 0});
  expect_near(distribution(scores, {.top_k = 2}), {0, 0.5, 0, 0.5});
  expect_near(distribution(scores, {.top_k = 3}), {0.1 / 0.9, 0.4 / 0.9, 0, 0.4 / 0.9});
  expect_near(distribution(scores, {.top_k = 4}), {0.1, 0.4, 0.1, 0.4});
  expect_near(distribution(scores, {.top_k = 100}), {0.1, 0.4, 0.1, 0.4});
}

TEST(Sampler, TopPKeepsTheSmallestSetThatReachesIt) {
  const std::vector<float> scores{log_of(0.1), log_of(0.5), log_of(0.15), log_of(0.25)};
  expect_near(distribution(scores, {.top_p = 0.4}), {0, 1, 0, 0});
  expect_near(distribution(scores, {.top_p = 0.7}), {0, 0.5 / 0.75, 0, 0.25 / 0.75});
  expect_near(distribution(scores, {.top_p = 0.8}), {0, 0.5 / 0.9, 0.15 / 0.9, 0.25 / 0.9});
  expect_near(distribution(scores, {.top_p = 1e-9}), {0, 1, 0, 0});
}

TEST(Sampler, TopPCountsWhatTopKLeft) {
  // Of {0.5, 0.25} the first alone has two thirds.
  const std::vector<float> scores{log_of(0.1), log_of(0.5), log_of(0.15), log_of(0.25)};
  expect_near(distribution(scores, {.top_k = 2, .top_p = 0.6}), {0, 1, 0, 0});
}

TEST(Sampler, MinPDropsWhatIsMuchLessProbableThanTheBest) {
  const std::vector<float> scores{log_of(0.1), log_of(0.5), log_of(0.15), log_of(0.25)};
  expect_near(distribution(scores, {.min_p = 0.29}), {0, 0.5 / 0.9, 0.15 / 0.9, 0.25 / 0.9});
  expect_near(distribution(scores, {.min_p = 0.31}), {0, 0.5 / 0.75, 0, 0.25 / 0.75});
  expect_near(distribution(scores, {.min_p = 1.0}), {0, 1, 0, 0});
}

TEST(Sampler, RepetitionPenaltyTouchesEachRecentSymbolOnce) {
  const std::vector<float> scores{2.0F, -1.0F, 0.5F};
  const std::vector<float> penalised{1.0F, -2.0F, 0.5F};
  expect_near(distribution(scores, {.repetition_penalty = 2.0}, {0, 1, 0, 1, 999}),
              distribution(penalised, {}));
  expect_near(distribution(scores, {.repetition_penalty = 2.0}), distribution(scores, {}));
}

TEST(Sampler, PresenceCountsOnceAndFrequencyAsOftenAsASymbolCame) {
  const std::vector<float> scores{2.0F, 1.0F, 0.5F};
  expect_near(distribution(scores, {.presence_penalty = 0.5}, {0, 0, 1}),
              distribution({1.5F, 0.5F, 0.5F}, {}));
  expect_near(distribution(scores, {.frequency_penalty = 0.5}, {0, 0, 1}),
              distribution({1.0F, 0.5F, 0.5F}, {}));
}

TEST(Sampler, BiasIsAddedAndWhatMayNotComeNeverDoes) {
  const std::vector<float> scores{2.0F, 1.0F, 0.5F};
  expect_near(distribution(scores, {.bias = {{1, 3.0F}, {900, 1.0F}}}),
              distribution({2.0F, 4.0F, 0.5F}, {}));
  const auto two = distribution({2.0F, 0.5F}, {});
  expect_near(distribution(scores, {.allowed = {2, 0, 0}}), {two[0], 0, two[1]});
  expect_near(distribution(scores, {.never = Symbol{1}}), {two[0], 0, two[1]});
  Sampler sampler;
  const std::vector<std::uint8_t> fits{1, 0, 1};
  const auto fitting = sampler.distribution(scores, {}, {}, fits);
  expect_near({fitting.begin(), fitting.end()}, {two[0], 0, two[1]});
  expect_near(distribution(scores, {.temperature = 0, .never = Symbol{0}}), {0, 1, 0});
}

TEST(Sampler, TypicalKeepsWhatIsAsSurprisingAsIsUsual) {
  // The entropy is 1.22: 0.3 (1.20) is nearest, then 0.25 (1.39) before 0.4 (0.92).
  const std::vector<float> scores{log_of(0.4), log_of(0.3), log_of(0.25), log_of(0.05)};
  expect_near(distribution(scores, {.typical_p = 0.2}), {0, 1, 0, 0});
  expect_near(distribution(scores, {.typical_p = 0.5}), {0, 0.3 / 0.55, 0.25 / 0.55, 0});
}

TEST(Sampler, LargeScoresDoNotOverflowAndImpossibleOnesAreNeverChosen) {
  const float least = -std::numeric_limits<float>::infinity();
  expect_near(distribution({3e38F, least, 3e38F}, {}), {0.5, 0, 0.5});
  expect_near(distribution({-3e38F, 3e38F}, {.temperature = 1e-3}), {0, 1});
  Sampler sampler;
  const std::vector<float> scores{least, 0.0F, least};
  EXPECT_EQ(sampler.sample(scores, {}, 0.0), 1);
  EXPECT_EQ(sampler.sample(scores, {}, 1.0 - 0x1.0p-53), 1);
}

TEST(Sampler, RefusesScoresThatAreNotNumbers) {
  for (const float wrong :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    try {
      distribution({0.0F, wrong}, {});
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kDiverged);
    }
  }
  EXPECT_THROW(distribution({}, {}), Error);
}

TEST(Sampler, InverseTransformWalksTheSymbolsInOrder) {
  const std::vector<float> scores{log_of(0.25), log_of(0.5), log_of(0.25)};
  Sampler sampler;
  EXPECT_EQ(sampler.sample(scores, {}, 0.0), 0);
  EXPECT_EQ(sampler.sample(scores, {}, 0.2499), 0);
  EXPECT_EQ(sampler.sample(scores, {}, 0.2501), 1);
  EXPECT_EQ(sampler.sample(scores, {}, 0.7499), 1);
  EXPECT_EQ(sampler.sample(scores, {}, 0.7501), 2);
  EXPECT_EQ(sampler.sample(scores, {}, 1.0 - 0x1.0p-53), 2);
}

// What the header promises, done the slow and plain way.
Probabilities plain_distribution(const std::vector<float>& scores, const SamplingOptions& options) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return scores[a] > scores[b]; });
  if (options.top_k > 0) {
    order.resize(std::min(order.size(), static_cast<std::size_t>(options.top_k)));
  }
  Probabilities weights;
  for (const auto i : order) {
    weights.push_back(std::exp((scores[i] - scores[order[0]]) / options.temperature));
  }
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::size_t kept = 0;
  for (double reached = 0.0; kept < order.size() && (kept == 0 || reached < options.top_p * all);) {
    reached += weights[kept++];
  }
  while (weights[kept - 1] < options.min_p * weights[0]) --kept;
  const double sum = std::accumulate(weights.begin(), weights.begin() + kept, 0.0);
  Probabilities result(scores.size(), 0.0);
  for (std::size_t i = 0; i < kept; ++i) result[order[i]] = weights[i] / sum;
  return result;
}

TEST(Sampler, RandomScoresAndOptionsGiveThePlainDistributionAndSumToOne) {
  Sampler sampler;
  for (std::uint64_t round = 0; round < 1000; ++round) {
    const auto dice = philox(round, 0, 0);
    const auto scores = random_scores(round, dice[0] % 200 + 1);
    SamplingOptions options;
    options.temperature = 0.25 + (dice[1] % 8) / 4.0;
    options.top_k = static_cast<int>(dice[2] % 40);
    options.top_p = dice[3] % 2 == 0 ? 1.0 : 0.05 + uniform53(round, 1, 2) * 0.9;
    options.min_p = dice[3] % 4 < 2 ? 0.0 : uniform53(round, 2, 2) * 0.5;
    const auto got = sampler.distribution(scores, options);
    const auto expected = plain_distribution(scores, options);
    double sum = 0.0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      ASSERT_NEAR(got[i], expected[i], 1e-12) << "round " << round << " symbol " << i;
      sum += got[i];
    }
    ASSERT_NEAR(sum, 1.0, 1e-12);
  }
}

TEST(Sampler, ALargeAlphabetIsSampledInItsOwnRange) {
  const auto scores = random_scores(5, 10'000);
  Sampler sampler;
  const Probabilities exact = plain_distribution(scores, {.top_k = 40});
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Symbol symbol = sampler.sample(scores, {.top_k = 40}, uniform53(9, i, 0));
    ASSERT_GT(exact.at(symbol), 0.0);
  }
}

struct Draw {
  double temperature;
  int top_k;
};

class SamplerDraws : public testing::TestWithParam<Draw> {};

// 100,000 draws with a fixed seed against the exact probabilities.
TEST_P(SamplerDraws, FollowTheExactProbabilities) {
  constexpr int kDraws = 100'000;
  const SamplingOptions options{.temperature = GetParam().temperature, .top_k = GetParam().top_k};
  const auto scores = random_scores(83, 83);
  const Probabilities exact = plain_distribution(scores, options);
  std::vector<int> seen(scores.size());
  Sampler sampler;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double uniform = uniform53(2024, i, counter_high(RandomUse::kSampling));
    ++seen[sampler.sample(scores, options, uniform)];
  }
  double statistic = 0.0;
  double rare_expected = 0.0;
  double rare_seen = 0.0;
  int cells = 0;
  const auto add_cell = [&](double expected, double count) {
    statistic += (count - expected) * (count - expected) / expected;
    ++cells;
  };
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double expected = exact[i] * kDraws;
    if (expected == 0.0) {
      EXPECT_EQ(seen[i], 0) << "symbol " << i << " was filtered out";
    }
    if (expected >= 5.0) {
      add_cell(expected, seen[i]);
    } else {
      rare_expected += expected;
      rare_seen += seen[i];
    }
  }
  if (rare_expected >= 5.0) add_cell(rare_expected, rare_seen);
  if (cells == 1) {
    EXPECT_EQ(statistic, 0.0);
    return;
  }
  const boost::math::chi_squared chi_squared(cells - 1);
  const double p = boost::math::cdf(boost::math::complement(chi_squared, statistic));
  EXPECT_GT(p, 1e-4) << "chi-squared " << statistic << " in " << cells << " cells";
}

INSTANTIATE_TEST_SUITE_P(TopKAndTemperature, SamplerDraws,
                         testing::Values(Draw{1.0, 0}, Draw{1.0, 1}, Draw{1.0, 5}, Draw{1.0, 40},
                                         Draw{0.8, 0}, Draw{0.8, 5}, Draw{0.5, 0}, Draw{0.5, 10},
                                         Draw{0.2, 0}, Draw{1.5, 0}, Draw{1.5, 5}, Draw{2.0, 20}));

}  // namespace
}  // namespace charrnn
