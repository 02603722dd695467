#include "base/permutation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace charrnn {
namespace {

std::vector<std::uint64_t> all(std::uint64_t size, std::uint64_t seed, std::uint64_t round) {
  const Permutation at(size, seed, round);
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < size; ++i) numbers.push_back(at(i));
  return numbers;
}

TEST(Permutation, HoldsEveryNumberOnceWhateverItsSize) {
  for (std::uint64_t size = 1; size < 300; ++size) {
    auto numbers = all(size, size * 7, size % 5);
    std::sort(numbers.begin(), numbers.end());
    std::vector<std::uint64_t> ascending(size);
    std::iota(ascending.begin(), ascending.end(), 0);
    ASSERT_EQ(numbers, ascending) << size;
  }
}

TEST(Permutation, IsAnotherForEachSeedAndRound) {
  EXPECT_EQ(all(1000, 1, 2), all(1000, 1, 2));
  EXPECT_NE(all(1000, 1, 2), all(1000, 1, 3));
  EXPECT_NE(all(1000, 1, 2), all(1000, 2, 2));
}

TEST(Permutation, BringsEachNumberToEachPlaceEquallyOften) {
  constexpr std::uint64_t kSize = 7;
  constexpr std::uint64_t kRounds = 7000;
  std::vector<double> seen(kSize * kSize);
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    const auto numbers = all(kSize, 11, round);
    for (std::uint64_t i = 0; i < kSize; ++i) seen[i * kSize + numbers[i]] += 1;
  }
  double chi_square = 0;
  for (const double count : seen) chi_square += (count - 1000) * (count - 1000) / 1000;
  // 36 degrees of freedom: 99.9 % lie below 68.
  EXPECT_LT(chi_square, 68);
}

TEST(Permutation, StaysInsideOfTheLargestSizes) {
  const std::uint64_t size = (std::uint64_t{1} << 52) + 1;
  const Permutation at(size, 3, 4);
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < 1000; ++i) numbers.push_back(at(size - 1 - i));
  std::sort(numbers.begin(), numbers.end());
  EXPECT_LT(numbers.back(), size);
  EXPECT_EQ(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

}  // namespace
}  // namespace charrnn
