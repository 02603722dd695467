#include "corpus/text_counts.h"

#include <gtest/gtest.h>

#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

class TextCounts : public testing::Test {
 protected:
  std::shared_ptr<const Corpus> open(const std::vector<std::string>& texts) {
    options_.files.clear();
    options_.cache_directory = folder_.at("cache");
    for (std::size_t i = 0; i < texts.size(); ++i) {
      options_.files.push_back(folder_.write("text" + std::to_string(i), texts[i]));
    }
    return Corpus::open(options_);
  }
  void expect_documents(const std::vector<std::string>& texts, std::uint64_t documents,
                        std::uint64_t longest) {
    const auto corpus = open(texts);
    const DocumentCounts counts = count_documents(*corpus);
    EXPECT_EQ(counts.documents, documents);
    EXPECT_EQ(counts.longest, longest);
    EXPECT_EQ(has_documents(*corpus), documents > 1);
  }

  TemporaryDirectory folder_;
  CorpusOptions options_;
};

TEST_F(TextCounts, OfLinesCountsEachAndTheLongest) {
  options_.documents = DocumentEnd::kLine;
  expect_documents({"ab\ncdef\n\ng"}, 4, 5);
  expect_documents({"ab\n"}, 1, 3);
  expect_documents({"ab"}, 1, 2);
}

TEST_F(TextCounts, OfFilesCountsThoseWithACharacter) {
  options_.documents = DocumentEnd::kFile;
  expect_documents({"ab", "", "cde", ""}, 2, 3);
  expect_documents({"", "ab", ""}, 1, 2);
}

TEST_F(TextCounts, OfBlankLinesFindsNoneWhereThereIsNone) {
  options_.documents = DocumentEnd::kBlankLine;
  expect_documents({"a\nb\nc\n"}, 1, 6);
  expect_documents({"a\n\nb\nc\n"}, 2, 4);
}

TEST_F(TextCounts, AreTheSameAcrossPieces) {
  options_.documents = DocumentEnd::kSeparator;
  options_.separator = "|";
  const std::string one = std::string(699'999, 'x') + "|";
  expect_documents({one + one + one + one + "y"}, 5, 700'000);
  expect_documents({std::string(3'000'000, 'x') + "|y"}, 2, 3'000'001);
}

TEST_F(TextCounts, OfSymbolsAreOfTheRangeAlone) {
  const auto corpus = open({std::string(1'500'000, 'a') + std::string(1'500'000, 'b') + "c"});
  using Counts = std::vector<std::uint64_t>;
  EXPECT_EQ(count_symbols(*corpus, {1, 1'500'000}), (Counts{1'499'999, 1, 0}));
  EXPECT_EQ(count_symbols(*corpus, {0, 3'000'001}), (Counts{1'500'000, 1'500'000, 1}));
  EXPECT_EQ(count_symbols(*corpus, {5, 0}), (Counts{0, 0, 0}));
}

}  // namespace
}  // namespace charrnn
