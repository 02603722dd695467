#include "pipeline/run/known_records.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <string>

#include "base/error.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

class KnownRecordsTest : public ::testing::Test {
 protected:
  KnownRecords open(const std::string& text, const std::string& end) {
    const auto file = directory_.path() / "text.txt";
    std::ofstream(file, std::ios::binary) << text;
    CorpusOptions options;
    options.files = {file.string()};
    options.cache_directory = directory_.path() / "cache";
    corpus_ = Corpus::open(options);
    return known_records(*corpus_, symbols_of(end), stop_);
  }
  std::vector<Symbol> symbols_of(const std::string& text) const {
    std::vector<Symbol> symbols;
    for (const char c : text) {
      symbols.push_back(*corpus_->vocabulary().find(static_cast<unsigned char>(c)));
    }
    return symbols;
  }

  std::atomic<bool> stop_{false};

 private:
  TemporaryDirectory directory_;
  std::shared_ptr<const Corpus> corpus_;
};

TEST_F(KnownRecordsTest, HasEveryLineOfTheTextAndFewOthers) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "record " + std::to_string(i) + "\n";
  text.pop_back();  // the last line has no end
  const KnownRecords records = open(text, "\n");
  int others = 0;
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(records.has(symbols_of("record " + std::to_string(i)))) << i;
    if (records.has(symbols_of("record " + std::to_string(i + 100'000)))) ++others;
  }
  EXPECT_LT(others, 2'000);
}

TEST_F(KnownRecordsTest, PartsTheTextAtWholeEndsOnly) {
  const KnownRecords records = open("a-b--c---d", "--");
  for (const std::string record : {"a-b", "c", "-d"}) {
    EXPECT_TRUE(records.has(symbols_of(record))) << record;
  }
  for (const std::string other : {"a", "b", "d", "a-b--c"}) {
    EXPECT_FALSE(records.has(symbols_of(other))) << other;
  }
}

TEST_F(KnownRecordsTest, StopsWhenItIsAsked) {
  stop_ = true;
  EXPECT_THROW(open("a\nb\n", "\n"), Stopped);
}

}  // namespace
}  // namespace charrnn
