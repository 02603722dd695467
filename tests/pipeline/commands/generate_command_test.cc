// What the command generate takes and writes.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

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
  EXPECT_NE(written({"--generate.temperature=0", "--generate.repetition_penalty=5"}), greedy);
}

}  // namespace
}  // namespace charrnn
