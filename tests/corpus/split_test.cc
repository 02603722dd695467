#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"
#include "corpus/corpus.h"

namespace charrnn {
namespace {

std::uint64_t trained(std::uint64_t characters, double fraction) {
  const CharacterRange training = training_range(characters, fraction);
  const CharacterRange validation = validation_range(characters, fraction);
  EXPECT_EQ(training.first, 0u);
  EXPECT_EQ(validation.first, training.count);
  EXPECT_EQ(training.count + validation.count, characters);
  return training.count;
}

TEST(Split, IsThatOfTheReferenceForItsText) { EXPECT_EQ(trained(1985223, 0.1), 1786700u); }

TEST(Split, TakesTheDecimalThatWasWritten) {
  EXPECT_EQ(trained(10, 0.1), 9u);
  EXPECT_EQ(trained(100, 0.3), 70u);  // (1 - 0.3) * 100 is 70 in doubles too, 0.7 * 100 is not
  EXPECT_EQ(trained(1000, 0.001), 999u);
  EXPECT_EQ(trained(3, 0.5), 1u);
  EXPECT_EQ(trained(7, 0.05), 6u);
}

TEST(Split, IsExactForSizesThatDoublesRound) {
  EXPECT_EQ(trained(1'000'000'000'000'000'010u, 0.1), 900'000'000'000'000'009u);
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(trained(most, 0.5), most / 2);
  EXPECT_EQ(trained(most, 0.0), most);
}

TEST(Split, KeepsEverythingForTrainingWithoutAFraction) { EXPECT_EQ(trained(12345, 0), 12345u); }

TEST(Split, GivesUpOneCharacterForTheSmallestFraction) { EXPECT_EQ(trained(100, 1e-300), 99u); }

TEST(Split, RefusesFractionsThatLeaveNothing) {
  for (const double fraction : {1.0, 1.5, -0.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(training_range(10, fraction), Error);
  }
}

}  // namespace
}  // namespace charrnn
