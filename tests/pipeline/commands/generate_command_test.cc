// What the command generate takes and writes.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <regex>
#include <set>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

class GenerateCommand : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TemporaryDirectory;
    const Finished done = run_program(arguments("train", {"--train.max_steps=60"}));
    ASSERT_EQ(done.code, 0) << done.err;
  }
  static void TearDownTestSuite() { delete directory_; }

  static std::vector<std::string> arguments(const std::string& command,
                                            std::vector<std::string> more) {
    std::vector<std::string> all{command, "--config", CHARRNN_SOURCE_DIR "/configs/tiny.ini",
                                 "--run.directory=" + (directory_->path() / "run").string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static std::string written(std::vector<std::string> more) {
    more.insert(more.begin(), {"--generate.length=40", "--generate.seed=7"});
    const Finished done = run_program(arguments("generate", more));
    EXPECT_EQ(done.code, 0) << done.err;
    return done.out;
  }
  static std::vector<boost::json::object> objects(const std::string& lines) {
    std::vector<boost::json::object> all;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) {
      all.push_back(boost::json::parse(line).as_object());
    }
    return all;
  }

  inline static TemporaryDirectory* directory_ = nullptr;
};

TEST_F(GenerateCommand, ReadsThePromptFromAFileOrStandardInput) {
  const auto file = directory_->path() / "prompt.txt";
  std::ofstream(file) << "Once there\n";
  const std::string given = written({"--generate.prompt=Once there"});
  EXPECT_EQ(given.substr(0, 10), "Once there");
  EXPECT_EQ(written({"--generate.prompt_file=" + file.string()}), given);
  const Finished piped = Program(arguments("generate", {"--generate.length=40", "--generate.seed=7",
                                                        "--generate.prompt_file=-"}),
                                 "exec \"$0\" \"$@\" < '" + file.string() + "'")
                             .finish();
  EXPECT_EQ(piped.out, given);
  const Finished missing = run_program(arguments("generate", {"--generate.prompt_file=/none"}));
  EXPECT_EQ(missing.code, 2);
  EXPECT_NE(missing.err.find("generate.prompt_file = /none"), std::string::npos) << missing.err;
}

TEST_F(GenerateCommand, WritesSeveralSamplesOfWhichTheFirstIsThatOfOne) {
  const std::string one = written({});
  const std::string three = written({"--generate.samples=3"});
  EXPECT_EQ(three.substr(0, one.size()), one);
  const std::string next = three.substr(one.size());
  EXPECT_EQ(next.substr(0, 7), "---\nThe");
  EXPECT_EQ(three.size(), 3 * one.size() + 2 * 4);
  EXPECT_NE(next.substr(4, one.size()), one) << "each sample has random numbers of its own";
}

TEST_F(GenerateCommand, WritesALineOfJsonForEachSampleInOrder) {
  const std::string one = written({});
  const auto samples = objects(written({"--generate.samples=4", "--generate.format=jsonl"}));
  ASSERT_EQ(samples.size(), 4U);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(samples[i].at("sample"), i);
    EXPECT_EQ(samples[i].at("prompt"), "The");
    EXPECT_EQ(samples[i].at("finish_reason"), "length");
    EXPECT_EQ(samples[i].at("seed"), 7);
  }
  EXPECT_EQ("The" + std::string(samples[0].at("text").as_string()) + "\n", one);
}

TEST_F(GenerateCommand, EndsASampleAtAStopTextWithoutIt) {
  const auto samples =
      objects(written({"--generate.samples=8", "--generate.format=jsonl", "--generate.length=2000",
                       "--generate.stop=e", "--generate.stop=zzzz"}));
  ASSERT_EQ(samples.size(), 8U);
  for (const auto& sample : samples) {
    EXPECT_EQ(sample.at("finish_reason"), "stop");
    EXPECT_EQ(std::string(sample.at("text").as_string()).find('e'), std::string::npos);
  }
}

TEST_F(GenerateCommand, TakesTheSamplingOfTheEndpoint) {
  const std::string greedy = written({"--generate.temperature=0"});
  EXPECT_EQ(written({"--generate.top_p=0"}), greedy);
  EXPECT_EQ(written({"--generate.min_p=1"}), greedy);
  for (const char* penalty :
       {"repetition_penalty=5", "presence_penalty=2", "frequency_penalty=2"}) {
    const std::string penalised = std::string("--generate.") + penalty;
    EXPECT_NE(written({"--generate.temperature=0", penalised}), greedy) << penalty;
    EXPECT_EQ(written({"--generate.temperature=0", penalised, "--generate.repeat_last_n=0"}),
              greedy);
  }
  EXPECT_NE(written({"--generate.typical_p=0.1"}), written({}));
}

TEST_F(GenerateCommand, WritesAllowedCharactersOnlyAndLeavesOutWhatABiasForbids) {
  const auto behind_prompt = [&](const std::vector<std::string>& more) {
    return written(more).substr(3);
  };
  const std::string vowels = behind_prompt({"--generate.allowed=aeiou"});
  EXPECT_EQ(vowels.find_first_not_of("aeiou\n"), std::string::npos) << vowels;
  EXPECT_EQ(behind_prompt({"--generate.logit_bias=e=-100", "--generate.logit_bias= =-100"})
                .find_first_of("e "),
            std::string::npos);
  EXPECT_EQ(behind_prompt({"--generate.logit_bias=e=100"}).find_first_not_of("e\n"),
            std::string::npos);
  for (const char* wrong : {"e", "e=", "ee=1", "=1", "e=101", "e=1x"}) {
    const Finished refused =
        run_program(arguments("generate", {std::string("--generate.logit_bias=") + wrong}));
    EXPECT_EQ(refused.code, 2) << wrong;
    EXPECT_NE(refused.err.find("generate.logit_bias"), std::string::npos) << refused.err;
  }
}

TEST_F(GenerateCommand, LooksForStopTextsBehindTheShortestLengthAndWritesThemWhenAsked) {
  const auto samples = objects(
      written({"--generate.samples=8", "--generate.format=jsonl", "--generate.length=2000",
               "--generate.stop=e", "--generate.min_length=100", "--generate.include_stop=true"}));
  ASSERT_EQ(samples.size(), 8U);
  for (const auto& sample : samples) {
    std::string text(sample.at("text").as_string());
    std::erase_if(text, [](char c) { return (c & 0xC0) == 0x80; });  // one byte a character is left
    EXPECT_EQ(text.find('e', 100), text.size() - 1) << text;
  }
}

TEST_F(GenerateCommand, WritesDistinctRecordsThatTheTrainingTextLacks) {
  const auto training = read_lines(CHARRNN_SOURCE_DIR "/tests/data/tiny.txt");
  const std::set<std::string> known(training.begin(), training.end());
  std::set<std::string> all;
  const Finished done = run_program(arguments(
      "generate",
      {"--generate.count=300", "--generate.prompt=", "--generate.unique=true",
       "--generate.novel=true", "--generate.regex=[A-Za-z ]{4,12}", "--generate.seed=1"}));
  EXPECT_EQ(done.code, 0) << done.err;
  std::istringstream lines(done.out);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(all.insert(line).second) << line;
    EXPECT_FALSE(known.contains(line)) << line;
    EXPECT_GE(line.size(), 4U);
    EXPECT_LE(line.size(), 12U);
  }
  EXPECT_EQ(all.size(), 300U);
  EXPECT_EQ(done.err.find("300 records; "), 0U) << done.err;
}

TEST_F(GenerateCommand, LeavesALineOutThatStandsInTheTrainingText) {
  const std::string line = read_lines(CHARRNN_SOURCE_DIR "/tests/data/tiny.txt").at(2);
  const auto only = [&](std::vector<std::string> more) {
    more.insert(more.begin(),
                {"--generate.count=1", "--generate.prompt=", "--generate.seed=1",
                 "--generate.regex=" + std::regex_replace(line, std::regex("\\W"), "\\$&")});
    return run_program(arguments("generate", more));
  };
  EXPECT_EQ(only({}).out, line + "\n");
  const Finished novel = only({"--generate.novel=true"});
  EXPECT_EQ(novel.code, 5);
  EXPECT_EQ(novel.out, "");
  EXPECT_NE(novel.err.find("10,000 stand in the training text"), std::string::npos) << novel.err;
}

TEST_F(GenerateCommand, SaysWhenTheModelFindsNoFurtherRecord) {
  const Finished done = run_program(
      arguments("generate", {"--generate.count=5", "--generate.prompt=", "--generate.unique=true",
                             "--generate.regex=[ae]", "--generate.seed=1"}));
  EXPECT_EQ(done.code, 5);
  EXPECT_EQ(done.out.size(), 4U) << done.out;
  EXPECT_NE(done.err.find("the model finds no further record"), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("2 records; left out: 10,"), std::string::npos) << done.err;
}

TEST_F(GenerateCommand, WritesALineOfJsonForEachRecord) {
  const auto records = objects(
      written({"--generate.count=70", "--generate.format=jsonl", "--generate.unique=true"}));
  ASSERT_EQ(records.size(), 70U);
  for (const auto& record : records) {
    EXPECT_EQ(record.at("prompt"), "The");
    EXPECT_EQ(record.at("finish_reason"), "stop");
  }
  EXPECT_EQ(written({"--generate.count=10"}),
            written({"--generate.count=20"}).substr(0, written({"--generate.count=10"}).size()));
}

TEST_F(GenerateCommand, SamplesMatchTheExpression) {
  for (const auto& sample : objects(written(
           {"--generate.samples=5", "--generate.format=jsonl", "--generate.regex= [a-z]{3}"}))) {
    EXPECT_EQ(sample.at("text").as_string().size(), 4U);
    EXPECT_EQ(sample.at("finish_reason"), "stop");
  }
  const Finished wrong = run_program(arguments("generate", {"--generate.regex=(a"}));
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.err.find("generate.regex cannot be used"), std::string::npos) << wrong.err;
}

TEST_F(GenerateCommand, RefusesUniqueWithoutACount) {
  const Finished done = run_program(arguments("generate", {"--generate.unique=true"}));
  EXPECT_EQ(done.code, 3);
  EXPECT_NE(done.err.find("generate.count"), std::string::npos) << done.err;
}

}  // namespace
}  // namespace charrnn
