#include "serve/records.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "base/error.h"
#include "serve/server.h"
#include "tests/serve/small_model.h"

namespace charrnn {
namespace {

GenerateOptions options_of(const std::string& prompt, std::uint64_t length = 400) {
  GenerateOptions options;
  options.prompt = prompt;
  options.length = length;
  options.seed = 5;
  return options;
}

std::vector<Record> records(const Snapshot& snapshot, const GenerateOptions& options,
                            std::size_t count, int threads = 1) {
  std::vector<Record> all;
  const std::atomic<bool> stop{false};
  generate_records(snapshot, options,
                   [&](const Record& record) {
                     all.push_back(record);
                     return all.size() < count;
                   },
                   stop, {.threads = threads});
  return all;
}

std::vector<std::string> samples(const Snapshot& snapshot, GenerateOptions options, int count) {
  options.samples = count;
  std::vector<std::string> texts(static_cast<std::size_t>(count));
  generate(snapshot, options,
           std::function<bool(const SamplePiece&)>([&](const SamplePiece& piece) {
             texts[static_cast<std::size_t>(piece.sample)] += piece.text;
             return true;
           }));
  return texts;
}

TEST(Records, AreTheSamplesBehindALineFeedUpToTheNextOne) {
  const auto model = small_snapshot(3);
  for (const std::string prompt : {"", "abc"}) {
    GenerateOptions plain = options_of("\n" + prompt);
    plain.stop = {"\n"};
    const auto want = samples(*model, plain, 200);
    const auto got = records(*model, options_of(prompt), 200);
    ASSERT_EQ(got.size(), 200U);
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].choice, i);
      EXPECT_EQ(got[i].text, want[i]) << prompt << " " << i;
      EXPECT_EQ(model->vocabulary->decode(got[i].symbols), got[i].text);
    }
  }
}

TEST(Records, DoNotDependOnTheThreads) {
  const auto model = small_snapshot(3);
  const auto one = records(*model, options_of("x"), 150, 1);
  const auto two = records(*model, options_of("x"), 150, 2);
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].text, two[i].text);
}

TEST(Records, MatchTheExpressionAndTellWhichOnesAreCut) {
  const auto model = small_snapshot(3);
  GenerateOptions options = options_of("");
  options.regex = "[a-d]{2}(x|yz)";
  for (const Record& record : records(*model, options, 100)) {
    EXPECT_TRUE(record.whole);
    EXPECT_EQ(record.text.find_first_not_of("abcd"), 2U) << record.text;
    EXPECT_TRUE(record.text.ends_with("x") || record.text.ends_with("yz")) << record.text;
  }
  for (const Record& record : records(*model, options_of("", 3), 100)) {
    EXPECT_EQ(record.whole, record.text.size() < 3) << record.text;
  }
}

TEST(Records, BeginAndEndWithWhatPartsDocuments) {
  Snapshot model = *small_snapshot(3);
  auto vocabulary = std::make_shared<Vocabulary>(*model.vocabulary);
  vocabulary->set_reading({.documents = {DocumentEnd::kSeparator, "qq"}});
  model.vocabulary = vocabulary;
  EXPECT_EQ(vocabulary->decode(record_end(*vocabulary)), "qq");
  std::size_t with_line_feed = 0;
  for (const Record& record : records(model, options_of("", 3000), 20)) {
    EXPECT_EQ(record.text.find("qq"), std::string::npos);
    if (record.text.find('\n') != std::string::npos) ++with_line_feed;
  }
  EXPECT_GT(with_line_feed, 10U);
}

TEST(Records, AreRefusedWithAnExpressionThatCannotBeUsed) {
  const auto model = small_snapshot(3);
  for (const std::string regex : {"[a", "A+", "a{30}"}) {
    GenerateOptions options = options_of("", 20);
    options.regex = regex;
    try {
      records(*model, options, 1);
      ADD_FAILURE() << regex;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_EQ(std::string(error.what()).find("generate.regex cannot be used: "), 0U)
          << error.what();
    }
  }
}

}  // namespace
}  // namespace charrnn
