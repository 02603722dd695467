// `plan`: what it tells, that it touches nothing, and that it fails as train would.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <map>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

const std::string kTiny = CHARRNN_SOURCE_DIR "/configs/tiny.ini";

class PlanCommand : public ::testing::Test {
 protected:
  Finished run(const std::string& command, const std::vector<std::string>& more = {}) const {
    return run_program(words(command, more));
  }
  std::vector<std::string> words(const std::string& command,
                                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{command, "--config", kTiny,
                                 "--run.directory=" + directory.string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    if (!fs::exists(directory)) return all;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      if (entry.is_regular_file()) all[entry.path().string()] = read_file(entry.path());
    }
    return all;
  }
  /// Both commands end with this code, and plan with a message of one line and no data.
  void expect_same_failure(int code, const std::vector<std::string>& arguments = {}) const {
    const Finished plan = run("plan", arguments);
    EXPECT_EQ(plan.code, code) << plan.err;
    EXPECT_EQ(plan.out, "");
    EXPECT_EQ(run("train", arguments).code, code);
  }
  static void expect_line(const Finished& done, const std::string& name, const std::string& value) {
    const std::string line = "  " + name + std::string(15 - name.size(), ' ') + value;
    EXPECT_NE(done.out.find(line), std::string::npos) << line << "\n" << done.out;
  }

  std::string text_of(const std::string& part, int times) const {
    const fs::path file = temporary.path() / "text.txt";
    std::ofstream out(file, std::ios::binary);
    for (int i = 0; i < times; ++i) out << part;
    return file.string();
  }

  TemporaryDirectory temporary;
  fs::path directory = temporary.path() / "run";
};

TEST_F(PlanCommand, TellsCorpusNetworkLimitsMemoryThreadsDiskAndTimeAndTouchesNothing) {
  const Finished done = run("plan", {"--runtime.kernel_threads=1"});
  ASSERT_EQ(done.code, 0) << done.err;
  expect_line(done, "bytes", "32,079 (32.1 kB)\n");
  expect_line(done, "characters", "31,723\n");
  expect_line(done, "training", "28,550 characters\n");
  expect_line(done, "size", "63 characters\n");
  expect_line(done, "parameters", "22,943\n");
  expect_line(done, "begins", "anew\n");
  expect_line(done, "epoch", "111 batches; 134 characters at the end are in none\n");
  expect_line(done, "ends", "in 222 steps (epochs = 2)\n");
  // Behind steps 50, 100, 150, 200 and the last one.
  expect_line(done, "validations", "5\n");
  expect_line(done, "stripes",
              "147.6 kB: 3 credits x 8 rows x 6.2 kB (slice of 1024 characters)\n");
  expect_line(done, "compute", "1 for steps and validation on cpu (fused backend, fp32)\n");
  expect_line(done, "checkpoint", "297.3 kB, up to 4 at a time: 1.2 MB in " + directory.string());
  EXPECT_NE(done.out.find(" chars/s, measured over "), std::string::npos) << done.out;
  expect_line(done, "to finish", "about ");
  EXPECT_FALSE(fs::exists(directory));
}

TEST_F(PlanCommand, OfARunThatStoppedTellsWhatIsLeftAndLeavesEveryFileAsItIs) {
  ASSERT_EQ(run("train", {"--train.max_steps=30"}).code, 0);
  const auto before = files();
  const Finished done = run("plan");
  ASSERT_EQ(done.code, 0) << done.err;
  expect_line(done, "begins", "after step 30, where an earlier run stopped\n");
  expect_line(done, "ends", "in 192 steps (epochs = 2)\n");
  EXPECT_EQ(files(), before);
  // The plan's figure is at least what a checkpoint takes, and not much more.
  std::uint64_t bytes = 0;
  for (const auto& [file, content] : before) {
    if (file.find("/checkpoints/") != std::string::npos) bytes += content.size();
  }
  EXPECT_LE(bytes, 297'300U);
  EXPECT_GT(bytes, 280'000U);
  expect_line(run("plan", {"--train.max_steps=30"}), "to finish", "nothing: this run has ended");
}

TEST_F(PlanCommand, NamesOddCharacters) {
  const fs::path text = temporary.path() / "text.txt";
  std::ofstream out(text, std::ios::binary);
  for (int i = 0; i < 100; ++i) out << "plain \x01 \xef\xbf\xbd \xee\x80\x80 text\n";
  out << "\xe2\x82\xac";
  out.close();
  const Finished done =
      run("plan", {"--corpus.files=" + text.string(), "--runtime.backend=hash", "--train.batch=1"});
  ASSERT_EQ(done.code, 0) << done.err;
  expect_line(done, "control", "1, 100 times in all: U+0001 (100)\n");
  expect_line(done, "replaced", "1, 100 times in all: U+FFFD (100)\n");
  expect_line(done, "private use", "1, 100 times in all: U+E000 (100)\n");
  expect_line(done, "rare", "1, 1 times in all: '\xe2\x82\xac' U+20AC (1); corpus.min_count");
}

TEST_F(PlanCommand, TellsDocumentsAndTheirLength) {
  const std::string file = text_of("one\nthree and four\n", 200);
  const Finished lines = run("plan", {"--corpus.files=" + file, "--corpus.documents=line"});
  ASSERT_EQ(lines.code, 0) << lines.err;
  expect_line(lines, "documents", "400 of 9 characters on average; the longest has 15\n");
}

TEST_F(PlanCommand, WarnsAsTrainDoesOfTextThatMayNotBeMeant) {
  const std::string file = text_of("a line \x01 and more\n", 200);
  std::ofstream(file, std::ios::app) << "\xC2\xBF\n";
  fs::create_symlink(file, temporary.path() / "link.txt");
  const std::string link = (temporary.path() / "link.txt").string();
  const std::vector<std::string> arguments = {"--corpus.files=" + link, "--corpus.files=" + file,
                                              "--corpus.documents=blank_line",
                                              "--train.max_steps=1"};
  for (const char* command : {"plan", "train"}) {
    const Finished done = run(command, arguments);
    ASSERT_EQ(done.code, 0) << done.err;
    for (const char* part :
         {"control characters: 1, 400 times in all: U+0001 (400)", "are read more than once",
          "link.txt and ", "corpus.documents = blank_line finds no second document"}) {
      EXPECT_NE(done.err.find(part), std::string::npos) << command << ": " << done.err;
    }
  }
}

TEST_F(PlanCommand, WarnsOfWhatOnlyTheValidationTextHasAndOfTextThatIsLearnedToo) {
  const std::string file = text_of("a line and more\n", 200);
  std::ofstream(file, std::ios::app) << "\xC2\xBF\n";
  const Finished unseen = run("plan", {"--corpus.files=" + file});
  EXPECT_NE(unseen.err.find("1 character occurs only in the validation text"), std::string::npos)
      << unseen.err;
  const Finished learned = run("plan", {"--corpus.files=" + file, "--validation.files=" + file});
  EXPECT_NE(learned.err.find("is of text that is learned"), std::string::npos) << learned.err;
}

TEST_F(PlanCommand, RefusesATextOfOneCharacterAsTrainDoes) {
  expect_same_failure(5, {"--corpus.files=" + text_of("x", 5000)});
}

TEST_F(PlanCommand, FailsAsTrainWouldWhenTheCorpusIsMissingOrTooSmall) {
  expect_same_failure(5, {"--corpus.files=" + (temporary.path() / "none.txt").string()});
  expect_same_failure(5, {"--train.batch=2000"});
  EXPECT_NE(run("plan", {"--train.batch=2000"}).err.find("train.batch = 892"), std::string::npos);
}

TEST_F(PlanCommand, FailsAsTrainWouldWhenTheRunDirectoryCannotBeUsed) {
  std::ofstream(temporary.path() / "file") << "in the way";
  directory = temporary.path() / "file" / "run";
  expect_same_failure(6);
}

TEST_F(PlanCommand, FailsAsTrainWouldOnACheckpointOfAnotherNetwork) {
  ASSERT_EQ(run("train", {"--train.max_steps=5"}).code, 0);
  expect_same_failure(7, {"--model.hidden=40"});
  expect_same_failure(7, {"--train.batch=4"});
}

TEST_F(PlanCommand, FailsAsTrainWouldWithoutTheGpuThatIsAskedFor) {
  const std::vector<std::string> gpu{"--runtime.device=cuda", "--runtime.backend=torch"};
  if (run("plan", gpu).code == 0) GTEST_SKIP() << "this machine has a GPU";
  expect_same_failure(3, gpu);
}

TEST_F(PlanCommand, FailsAsTrainWouldWhileAnotherProcessTrainsThere) {
  Program first(words("train", {"--train.epochs=100000"}));
  ASSERT_TRUE(first.wait_until([&] { return read_lines(directory / "metrics.jsonl").size() > 3; }));
  expect_same_failure(8);
  first.signal(SIGTERM);
  EXPECT_EQ(first.finish().code, 0);
}

TEST_F(PlanCommand, InspectShowsTheRowsOfTheBatchesThatAreAskedForAndTouchesNothing) {
  const Finished done =
      run("inspect", {"--inspect.first_batch=110", "--inspect.batches=2", "--inspect.rows=1"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.out.find("batch 110 (epoch 1, window 111 of 111): 8 rows x 32 characters; "
                          "rows shown: 1\n  row 0, character 3,520 of its lane\n"),
            std::string::npos)
      << done.out;
  EXPECT_NE(done.out.find("batch 111 (epoch 2, window 1 of 111)"), std::string::npos);
  EXPECT_NE(done.out.find("tiny.txt: character 0, byte 0; the state is zeroed before it\n"),
            std::string::npos)
      << done.out;
  EXPECT_FALSE(fs::exists(directory));
  EXPECT_EQ(run("inspect", {"--train.batch=2000"}).code, 5);
}

}  // namespace
}  // namespace charrnn
