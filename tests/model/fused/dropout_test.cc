#include "model/dropout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/counter_rng.h"

namespace charrnn {
namespace {

std::vector<float> mask(const DropoutKey& key, std::uint64_t first, std::uint64_t count) {
  std::vector<float> out(count, -1.0F);
  dropout_mask(key, first, count, out.data());
  return out;
}

// The first and third line of "philox 4x32 10" in the known-answer file of Random123.
TEST(Philox, AgreesWithKnownAnswers) {
  const std::array<std::uint32_t, 4> zeros{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  EXPECT_EQ(philox(0, 0, 0), zeros);
  const std::array<std::uint32_t, 4> pi{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
  EXPECT_EQ(philox(0x299f31d0a4093822ULL, 0x85a308d3243f6a88ULL, 0x0370734413198a2eULL), pi);
}

TEST(DropoutMask, IsTheDocumentedFunctionOfItsCounters) {
  const DropoutKey key{.seed = 77, .step = 5, .layer = 1, .probability = 0.25F};
  const auto factors = mask(key, 0, 4096);
  for (std::uint64_t i = 0; i < factors.size(); ++i) {
    const auto words = philox(77, i / 8, counter_high(RandomUse::kDropout, 5, 1));
    const std::uint32_t half = (words[i % 8 / 2] >> (i % 2 == 0 ? 0 : 16)) & 0xFFFF;
    EXPECT_EQ(factors[i], half < 16384 ? 0.0F : static_cast<float>(4.0 / 3.0)) << i;
  }
}

TEST(DropoutMask, IsTheSameHoweverItIsCut) {
  const DropoutKey key{.seed = 1, .step = 9, .layer = 0, .probability = 0.5F};
  const auto whole = mask(key, 0, 3000);
  for (const std::uint64_t size : {1, 3, 7, 8, 13, 64, 1001}) {
    for (std::uint64_t first = 0; first < whole.size(); first += size) {
      const auto part = mask(key, first, std::min<std::uint64_t>(size, whole.size() - first));
      for (std::uint64_t i = 0; i < part.size(); ++i) ASSERT_EQ(part[i], whole[first + i]);
    }
  }
}

TEST(DropoutMask, DropsAtItsRateAndKeepsTheExpectation) {
  constexpr std::uint64_t kCount = 1 << 20;
  for (const float p : {0.0F, 0.1F, 0.5F, 0.9F}) {
    double dropped = 0, sum = 0;
    for (const float x : mask({.seed = 3, .step = 2, .layer = 0, .probability = p}, 0, kCount)) {
      dropped += x == 0.0F;
      sum += x;
    }
    const double deviation = std::sqrt(p * (1 - p) / kCount);
    EXPECT_NEAR(dropped / kCount, p, 5 * deviation + 1e-5) << p;
    EXPECT_NEAR(sum / kCount, 1.0, 5 * deviation / (1 - p) + 1e-6) << p;
  }
}

TEST(DropoutMask, DropsEverythingAtProbabilityOne) {
  for (const float x : mask({.probability = 1.0F}, 0, 100)) EXPECT_EQ(x, 0.0F);
}

/// The correlation of two masks of rate one half; about 1/sqrt(count) when they are independent.
double correlation(const std::vector<float>& a, const std::vector<float>& b, std::size_t shift) {
  double sum = 0;
  for (std::size_t i = 0; i + shift < a.size(); ++i) sum += (a[i] - 1.0) * (b[i + shift] - 1.0);
  return sum / static_cast<double>(a.size() - shift);
}

TEST(DropoutMask, IsIndependentOfItsNeighboursAndOfOtherKeys) {
  constexpr std::uint64_t kCount = 1 << 18;
  const double bound = 5.0 / std::sqrt(kCount);
  const DropoutKey key{.seed = 4, .step = 10, .layer = 0, .probability = 0.5F};
  const auto base = mask(key, 0, kCount);
  for (const std::size_t shift : {1, 2, 8, 512})
    EXPECT_LT(std::abs(correlation(base, base, shift)), bound);
  DropoutKey other = key;
  other.layer = 1;
  EXPECT_LT(std::abs(correlation(base, mask(other, 0, kCount), 0)), bound);
  other = key;
  other.step = 11;
  EXPECT_LT(std::abs(correlation(base, mask(other, 0, kCount), 0)), bound);
  other = key;
  other.seed = 5;
  EXPECT_LT(std::abs(correlation(base, mask(other, 0, kCount), 0)), bound);
}

}  // namespace
}  // namespace charrnn
