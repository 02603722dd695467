#include <gtest/gtest.h>

#include "base/readable_number.h"
#include "pipeline/commands/plan_text.h"
#include "pipeline/commands/run_plan.h"
#include "pipeline/run/alphabet_report.h"
#include "pipeline/run/disk_space.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

TEST(ReadableNumber, GroupsDigitsAndChoosesUnits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1985223), "1,985,223");
  EXPECT_EQ(size_text(999), "999 bytes");
  EXPECT_EQ(size_text(1000), "1.0 kB");
  EXPECT_EQ(size_text(999'999), "1.0 MB");
  EXPECT_EQ(size_text(20'000'000'000), "20.0 GB");
  EXPECT_EQ(duration_text(0.42), "0.4 s");
  EXPECT_EQ(duration_text(65), "1m05s");
  EXPECT_EQ(duration_text(7380), "2h03m");
  EXPECT_EQ(duration_text(4 * 86400 + 7 * 3600), "4d07h");
  EXPECT_EQ(duration_text(1e300), "11,574,074,074d01h");
}

std::string value_of(const Vocabulary& vocabulary, const std::string& name) {
  for (const auto& [sort, characters] : odd_characters(vocabulary)) {
    if (sort == name) return characters;
  }
  return {};
}

TEST(AlphabetReport, NamesEachSortOfOddCharactersWithCounts) {
  const Vocabulary vocabulary(
      {U'\n', U'\r', U'a', U'b', U'\u200B', U'\uE000', U'\uFFFD', kUnknownCharacter},
      {50, 11, 9, 1, 20, 30, 40, 1234}, false, 7);
  EXPECT_EQ(value_of(vocabulary, "control"), "1, 11 times in all: U+000D (11)");
  EXPECT_EQ(value_of(vocabulary, "invisible"), "1, 20 times in all: U+200B (20)");
  EXPECT_EQ(value_of(vocabulary, "private use"), "1, 30 times in all: U+E000 (30)");
  EXPECT_EQ(value_of(vocabulary, "replaced"), "1, 40 times in all: U+FFFD (40)");
  EXPECT_EQ(value_of(vocabulary, "unassigned"), "");
  EXPECT_EQ(value_of(vocabulary, "<unk>"), "1,234 times");
  EXPECT_TRUE(value_of(vocabulary, "rare")
                  .starts_with("2, 10 times in all: 'b' U+0062 (1), 'a' U+0061 (9);"));
  EXPECT_TRUE(odd_characters(Vocabulary({U'\n', U'a'}, {10, 10})).empty());
}

TEST(AlphabetReport, TellsOfBytesOnlyTheRareOnes) {
  const auto sorts = odd_characters(Vocabulary({0x00, 0xFF}, {100, 3}, true));
  ASSERT_EQ(sorts.size(), 1U);
  EXPECT_TRUE(sorts[0].second.starts_with("1, 3 times in all: byte 0xFF (3)"));
}

TEST(RunPlan, ADiskWithoutRoomForOneCheckpointIsTroubleAndForOneOnlyAWarning) {
  RunPlan plan;
  plan.checkpoint = 1'000'000;
  plan.start.choice.kernel_threads = 1;
  plan.run_disk = {.folder = "runs/x", .needed = 3'000'000, .free = 999'999};
  ASSERT_TRUE(disk_trouble(plan));
  EXPECT_NE(disk_trouble(plan)->find("runs/x"), std::string::npos);
  plan.run_disk.free = 1'500'000;
  EXPECT_FALSE(disk_trouble(plan));
  EXPECT_EQ(plan_warnings(plan).size(), 1U);
  plan.run_disk.free = 2'000'000;
  EXPECT_TRUE(plan_warnings(plan).empty());
  plan.run_disk.free.reset();
  EXPECT_FALSE(disk_trouble(plan));
  EXPECT_TRUE(plan_warnings(plan).empty());
}

TEST(DiskSpace, IsThatOfTheNearestFolderThatIsThere) {
  const TemporaryDirectory directory;
  EXPECT_EQ(nearest_existing(directory.path() / "a" / "b"), directory.path());
  EXPECT_EQ(free_bytes(directory.path() / "a" / "b").has_value(),
            free_bytes(directory.path()).has_value());
  EXPECT_GT(free_bytes("/").value(), 0U);
}

}  // namespace
}  // namespace charrnn
