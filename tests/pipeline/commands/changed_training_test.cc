// A run that goes on with another batch size, sequence length or optimiser.
#include <gtest/gtest.h>

#include <regex>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

const std::string kAccept = "--run.accept_changed_training=true";

class ChangedTraining : public ::testing::Test {
 protected:
  Finished train(std::vector<std::string> more) const {
    std::vector<std::string> all{"train", "--config", CHARRNN_SOURCE_DIR "/configs/tiny.ini",
                                 "--run.directory=" + run.string(), "--train.epochs=3"};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all);
  }
  std::string newest_file(const char* name) const {
    std::filesystem::path newest;
    for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints")) {
      newest = std::max(newest, entry.path());
    }
    return read_file(newest / name);
  }
  // Of the last training record.
  std::uint64_t last(const std::string& member) const {
    std::uint64_t value = 0;
    const std::regex number("\"" + member + "\":([0-9]+)");
    for (const std::string& line : read_lines(run / "metrics.jsonl")) {
      std::smatch found;
      if (std::regex_search(line, found, number)) value = std::stoull(found[1]);
    }
    return value;
  }

  TemporaryDirectory directory;
  std::filesystem::path run = directory.path() / "run";
};

TEST_F(ChangedTraining, IsRefusedWithTheOldValuesAndTheKeyThatAllowsIt) {
  ASSERT_EQ(train({"--train.max_steps=5"}).code, 0);
  for (const std::string change :
       {"train.batch=4", "train.sequence_length=16", "train.learning_rate=0.002",
        "train.optimizer=sgd", "train.clip=1", "model.dropout=0.3"}) {
    const Finished refused = train({"--train.max_steps=6", "--" + change});
    EXPECT_EQ(refused.code, 7) << change << refused.err;
    const std::string key = change.substr(0, change.find('='));
    EXPECT_NE(refused.err.find(key + " = "), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find(kAccept), std::string::npos) << refused.err;
  }
  EXPECT_EQ(train({"--train.max_steps=6"}).code, 0);
}

TEST_F(ChangedTraining, LimitsAndTheSpellingOfANumberAreNoChange) {
  ASSERT_EQ(train({"--train.max_steps=5", "--train.learning_rate=0.01"}).code, 0);
  EXPECT_EQ(train({"--train.max_steps=6", "--train.learning_rate=1e-2", "--train.epochs=4"}).code,
            0);
}

TEST_F(ChangedTraining, IsToldAndNotedInEachLaterCheckpoint) {
  ASSERT_EQ(train({"--train.max_steps=5"}).code, 0);
  const Finished accepted = train({"--train.max_steps=8", "--train.learning_rate=0.002", kAccept});
  ASSERT_EQ(accepted.code, 0) << accepted.err;
  EXPECT_NE(accepted.err.find("from step 6 on, train.learning_rate was 0.01 and is 0.002"),
            std::string::npos)
      << accepted.err;
  ASSERT_EQ(train({"--train.max_steps=10", "--train.learning_rate=0.002"}).code, 0);
  ASSERT_EQ(
      train({"--train.max_steps=12", "--train.learning_rate=0.002", "--train.batch=4", kAccept})
          .code,
      0);
  const std::string state = newest_file("state.json");
  EXPECT_NE(state.find("after step 5: train.learning_rate was 0.01 and is 0.002"),
            std::string::npos)
      << state;
  EXPECT_NE(state.find("after step 10: train.batch was 8 and is 4"), std::string::npos) << state;
}

TEST_F(ChangedTraining, WithAnotherBatchTheRunGoesOnAtTheSamePlaceOfItsEpoch) {
  // 111 steps an epoch with 8 rows, 223 with 4.
  ASSERT_EQ(train({"--train.max_steps=166"}).code, 0);
  EXPECT_EQ(last("epoch"), 2U);
  const Finished half = train({"--train.batch=4", kAccept});
  ASSERT_EQ(half.code, 0) << half.err;
  EXPECT_EQ(last("epoch"), 3U);
  // Half of the second epoch was left, and the third.
  EXPECT_NEAR(static_cast<double>(last("step")), 166 + 112 + 223, 2);
}

TEST_F(ChangedTraining, LimitsCountStepsAndEpochsOfTheWholeRun) {
  ASSERT_EQ(train({"--train.max_steps=100"}).code, 0);
  ASSERT_EQ(train({"--train.max_steps=150", "--train.batch=16", kAccept}).code, 0);
  EXPECT_EQ(last("step"), 150U);
  EXPECT_EQ(last("epoch"), 2U);
  EXPECT_NE(train({"--train.max_steps=150", "--train.batch=16"}).err.find("nothing to do"),
            std::string::npos);
}

TEST_F(ChangedTraining, ValidationsAndCheckpointsStayDueAfterTheirSteps) {
  ASSERT_EQ(train({"--train.max_steps=111"}).code, 0);
  const Finished done =
      train({"--train.max_steps=160", "--train.batch=16", "--validation.every_steps=10",
             "--checkpoint.every_steps=50", kAccept});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(std::filesystem::exists(run / "checkpoints" / "000000150"));
  const std::string metrics = read_file(run / "metrics.jsonl");
  for (const int step : {120, 130, 140, 150, 160}) {
    EXPECT_NE(metrics.find("{\"step\":" + std::to_string(step) + ",\"validation_loss\""),
              std::string::npos)
        << step;
  }
}

TEST_F(ChangedTraining, EndsWithTheSameBitsHoweverOftenItIsStoppedAfterwards) {
  const auto trained = [&](const char* name, const std::vector<int>& stops) {
    run = directory.path() / name;
    EXPECT_EQ(train({"--train.max_steps=50"}).code, 0);
    for (const int stop : stops) {
      EXPECT_EQ(train({"--train.max_steps=" + std::to_string(stop), "--train.batch=4",
                       "--train.sequence_length=20", "--train.optimizer=sgd",
                       "--train.schedule=constant", kAccept})
                    .code,
                0);
    }
    return newest_file("model.safetensors") + newest_file("optimizer.safetensors") +
           newest_file("state.safetensors");
  };
  const std::string whole = trained("whole", {90});
  EXPECT_FALSE(whole.empty());
  EXPECT_EQ(trained("stopped", {57, 71, 90}), whole);
}

}  // namespace
}  // namespace charrnn
