// Which checkpoints of a run stay, and how a user chooses among them.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

// Letters without any rule: what is learned by heart makes the validation loss rise.
std::string letters_by_chance() {
  std::string text;
  std::uint32_t state = 1;
  for (int i = 0; i < 4000; ++i) {
    state = state * 1664525U + 1013904223U;
    text += static_cast<char>('a' + (state >> 24) % 12);
  }
  return text;
}

class ChosenCheckpoint : public ::testing::Test {
 protected:
  void SetUp() override { std::ofstream(text) << letters_by_chance(); }

  std::vector<std::string> with(const std::string& command, std::vector<std::string> more = {}) {
    std::vector<std::string> all{command,
                                 "--config",
                                 CHARRNN_SOURCE_DIR "/configs/tiny.ini",
                                 "--run.directory=" + run.string(),
                                 "--corpus.files=" + text.string(),
                                 "--corpus.validation_fraction=0.2",
                                 "--model.hidden=64",
                                 "--model.dropout=0",
                                 "--train.batch=4",
                                 "--train.sequence_length=20",
                                 "--train.learning_rate=0.02",
                                 "--train.epochs=100",
                                 "--validation.every_steps=10",
                                 "--checkpoint.every_steps=10",
                                 "--checkpoint.keep=2"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void train(const std::string& steps, std::vector<std::string> more = {}) {
    more.push_back("--train.max_steps=" + steps);
    const Finished done = run_program(with("train", std::move(more)));
    ASSERT_EQ(done.code, 0) << done.err;
  }
  std::map<std::uint64_t, double> validation_losses() const {
    std::map<std::uint64_t, double> losses;
    for (const std::string& line : read_lines(run / "metrics.jsonl")) {
      const auto at = line.find("\"validation_loss\":");
      if (at == std::string::npos) continue;
      losses[std::stoull(line.substr(line.find(':') + 1))] = std::stod(line.substr(at + 18));
    }
    return losses;
  }
  std::uint64_t best_step() const {
    const auto losses = validation_losses();
    return std::min_element(losses.begin(), losses.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  }
  std::vector<std::uint64_t> steps() const {
    std::vector<std::uint64_t> all;
    for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints")) {
      all.push_back(std::stoull(entry.path().filename().string()));
    }
    std::sort(all.begin(), all.end());
    return all;
  }
  double evaluated(const std::string& checkpoint) {
    const Finished done = run_program(with("evaluate", {"--run.checkpoint=" + checkpoint}));
    EXPECT_EQ(done.code, 0) << done.err;
    return done.code == 0 ? std::stod(done.out.substr(9)) : 0.0;
  }
  std::string written(const std::string& checkpoint) {
    const Finished done =
        run_program(with("generate", {"--run.checkpoint=" + checkpoint, "--generate.prompt=ab",
                                      "--generate.length=60", "--generate.seed=1"}));
    EXPECT_EQ(done.code, 0) << done.err;
    return done.out;
  }

  TemporaryDirectory directory;
  std::filesystem::path text = directory.path() / "text.txt";
  std::filesystem::path run = directory.path() / "run";
};

TEST_F(ChosenCheckpoint, TheBestOneStaysBesideTheNewestAndIsTheOneThatBestMeans) {
  train("120");
  const std::uint64_t best = best_step();
  ASSERT_LT(best, 110U);
  EXPECT_EQ(steps(), (std::vector<std::uint64_t>{best, 110, 120}));
  const auto losses = validation_losses();
  EXPECT_EQ(evaluated("best"), losses.at(best));
  EXPECT_EQ(evaluated("newest"), losses.at(120));
  EXPECT_EQ(evaluated("110"), losses.at(110));
  const auto folder = run / "checkpoints" / "000000110";
  EXPECT_EQ(evaluated(folder.string()), losses.at(110));
  EXPECT_EQ(written("best"), written(std::to_string(best)));
  EXPECT_NE(written("best"), written("newest"));
}

TEST_F(ChosenCheckpoint, TheBestOneStaysWhereverTheRunWasStoppedAndStartedAgain) {
  for (const char* steps : {"15", "30", "55", "110", "120"}) train(steps);
  const std::uint64_t best = best_step();
  ASSERT_LT(best, 110U);
  EXPECT_EQ(steps().front(), best);
}

TEST_F(ChosenCheckpoint, ValidationsAndCheckpointsCanBeDueByEpochs) {
  // 40 steps an epoch.
  train("90",
        {"--validation.every_epochs=0.25", "--checkpoint.every_epochs=1", "--checkpoint.keep=5"});
  std::vector<std::uint64_t> validated;
  for (const auto& [step, loss] : validation_losses()) validated.push_back(step);
  EXPECT_EQ(validated, (std::vector<std::uint64_t>{10, 20, 30, 40, 50, 60, 70, 80, 90}));
  EXPECT_EQ(steps(), (std::vector<std::uint64_t>{40, 80, 90}));
}

TEST_F(ChosenCheckpoint, WithoutKeepBestOnlyTheNewestStay) {
  train("60", {"--checkpoint.keep_best=false"});
  EXPECT_EQ(steps(), (std::vector<std::uint64_t>{50, 60}));
}

TEST_F(ChosenCheckpoint, OneThatIsNotThereIsAnErrorThatTellsWhichAre) {
  train("30", {"--checkpoint.keep=5"});
  const auto refused = [&](const std::string& which) {
    const Finished done = run_program(with("generate", {"--run.checkpoint=" + which}));
    EXPECT_EQ(done.code, 7) << done.err;
    EXPECT_EQ(done.out, "");
    return done.err;
  };
  EXPECT_NE(refused("25").find("the steps 10, 20, 30 have one"), std::string::npos);
  EXPECT_NE(refused("bets").find("newest, best, a step"), std::string::npos);
  EXPECT_NE(refused(run.string()).find("MANIFEST.json"), std::string::npos);
}

TEST_F(ChosenCheckpoint, BestIsAnErrorWhereNoCheckpointWasValidated) {
  train("5", {"--corpus.validation_fraction=0"});
  const Finished done = run_program(with("generate", {"--run.checkpoint=best"}));
  EXPECT_EQ(done.code, 7) << done.err;
  EXPECT_NE(done.err.find("step 5 is the only one"), std::string::npos) << done.err;
}

TEST_F(ChosenCheckpoint, ANewRunBeginsWithTheChosenOneOfAnotherRun) {
  train("120");
  const auto old_run = run;
  const double best = validation_losses().at(best_step());
  run = directory.path() / "next";
  train("1", {"--train.initial_weights=" + old_run.string(), "--run.checkpoint=best",
              "--train.learning_rate=1e-9"});
  EXPECT_NEAR(validation_losses().at(1), best, 1e-4);
  // The choice is not written down for later starts.
  EXPECT_NE(read_file(run / "config.ini").find("checkpoint = newest"), std::string::npos);
}

TEST_F(ChosenCheckpoint, TrainingThatGoesOnSaysThatItGoesOnFromTheNewest) {
  train("10");
  const Finished done =
      run_program(with("train", {"--train.max_steps=20", "--run.checkpoint=best"}));
  EXPECT_EQ(done.code, 0);
  EXPECT_NE(done.err.find("run.checkpoint has no effect here"), std::string::npos) << done.err;
}

TEST_F(ChosenCheckpoint, AServerThatFollowsTheBestOneServesNoneThatIsWorse) {
  train("20");
  ASSERT_EQ(best_step(), 20U);
  Program server(with("serve", {"--run.checkpoint=best", "--serve.port=0"}));
  ASSERT_TRUE(
      server.wait_until([&] { return server.err().find("serving step 20") != std::string::npos; }));
  train("120");
  const std::string best = std::to_string(best_step());
  ASSERT_NE(best, "120");
  EXPECT_TRUE(server.wait_until(
      [&] { return server.err().find("now serving step " + best + "\n") != std::string::npos; }));
  server.signal(SIGTERM);
  const Finished done = server.finish();
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.err.find("now serving step 120"), std::string::npos) << done.err;
}

}  // namespace
}  // namespace charrnn
