// Run by mpirun: every rank does these cases, in the same order, with one cluster.
#include "cluster/cluster.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "cluster/start.h"

namespace charrnn {
namespace {

Cluster* cluster = nullptr;

TEST(Cluster, AddsUpNumbersToTheSameBitsOnEachRank) {
  std::vector<float> numbers(100'000);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = 1.0F / static_cast<float>(i + 1 + static_cast<std::size_t>(cluster->rank()));
  }
  cluster->sum(numbers);
  double expected = 0.0;
  for (int rank = 0; rank < cluster->size(); ++rank) expected += 1.0 / (8 + rank);
  EXPECT_NEAR(numbers[7], expected, 1e-6);
  const std::string mine(reinterpret_cast<const char*>(numbers.data()), 4 * numbers.size());
  for (const std::string& theirs : cluster->exchange(mine)) EXPECT_TRUE(theirs == mine);
}

TEST(Cluster, PutsTogetherWhatEachRankHas) {
  std::vector<std::uint64_t> numbers(static_cast<std::size_t>(cluster->size()));
  numbers[static_cast<std::size_t>(cluster->rank())] =
      0x8000000000000000U + static_cast<std::uint64_t>(cluster->rank());
  cluster->merge(std::as_writable_bytes(std::span(numbers)));
  for (int rank = 0; rank < cluster->size(); ++rank) {
    EXPECT_EQ(numbers[static_cast<std::size_t>(rank)],
              0x8000000000000000U + static_cast<std::uint64_t>(rank));
  }
}

TEST(Cluster, HandsNumbersOnInTheOrderOfTheRanks) {
  // 1 is lost beside 1e8 in a float, so that only one order gives this sum.
  std::vector<float> numbers(50'000, cluster->leads() ? 1e8F : 0.0F);
  EXPECT_EQ(cluster->take_over(numbers), !cluster->leads());
  for (float& number : numbers) number += cluster->leads() ? -1e8F : 1.0F;
  cluster->hand_on(numbers);
  EXPECT_EQ(numbers.back(), static_cast<float>(cluster->size() - 1));
}

TEST(Cluster, GivesEverybodyTheTextOfRankZero) {
  std::string text = cluster->leads() ? std::string("from\0zero", 9) : "something else";
  cluster->broadcast(text);
  EXPECT_EQ(text, std::string("from\0zero", 9));
  std::string nothing = cluster->leads() ? "" : "x";
  cluster->broadcast(nothing);
  EXPECT_EQ(nothing, "");
}

// From here on the ranks fail: the last cases, in this order.

TEST(ClusterEnd, AFailureEndsTheOthersAtTheSameOperationAndTheyCanStillSave) {
  const int last = cluster->size() - 1;
  std::vector<float> numbers(1000, 1.0F);
  int done = 0;
  try {
    for (; done < 5; ++done) {
      if (cluster->rank() == last && done == 3) {
        cluster->fail("the disk is full");
        break;
      }
      cluster->sum(numbers);
    }
  } catch (const OtherRankFailed& failure) {
    EXPECT_TRUE(failure.can_save());
    EXPECT_EQ(failure.what(), cluster->name(last) + ": the disk is full");
  }
  EXPECT_EQ(done, 3);
  cluster->start_afresh();
  const std::string mine = std::to_string(cluster->rank());
  const auto all = cluster->exchange(mine);
  for (int rank = 0; rank < cluster->size(); ++rank) {
    EXPECT_EQ(all[static_cast<std::size_t>(rank)], std::to_string(rank));
  }
}

TEST(ClusterEnd, AMistakeOfOneRankIsToldOnAllWithItsName) {
  const int last = cluster->size() - 1;
  try {
    cluster->together([&] {
      if (cluster->rank() == last) throw Error(ErrorKind::kInput, "corpus.txt: no such file");
    });
    FAIL() << "it was not told";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    const std::string plain = "corpus.txt: no such file";
    EXPECT_EQ(error.what(), cluster->rank() == last ? plain : cluster->name(last) + ": " + plain);
  }
  EXPECT_TRUE(cluster->closed());
}

}  // namespace
}  // namespace charrnn

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (!charrnn::one_of_several()) return 77;
  charrnn::Cluster cluster(charrnn::join_others(CHARRNN_MPI_MODULE), 30.0);
  charrnn::cluster = &cluster;
  const int failed = RUN_ALL_TESTS();
  cluster.close();
  return failed;
}
