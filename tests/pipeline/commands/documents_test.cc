// A model whose documents are lines, from its training to the texts that people get of it.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

const std::vector<std::string> kLines{"one two three", "un deux trois", "eins zwei drei",
                                      "uno dos tres"};

class DocumentsTest : public ::testing::Test {
 protected:
  void train() {
    std::ofstream file(directory.path() / "lines.txt");
    for (unsigned i = 0; i < 6000; ++i) file << kLines[i * i % 7 % 4] << '\n';
    file.close();
    const Finished done = run_program(
        {"train", "--run.directory=" + run.string(),
         "--corpus.files=" + (directory.path() / "lines.txt").string(), "--corpus.documents=line",
         "--model.hidden=48", "--model.layers=1", "--model.dropout=0", "--train.batch=32",
         "--train.sequence_length=40", "--train.learning_rate=0.01", "--train.max_steps=800",
         "--train.epochs=50", "--runtime.backend=fused", "--validation.every_steps=0"});
    ASSERT_EQ(done.code, 0) << done.err;
  }

  TemporaryDirectory directory;
  std::filesystem::path run = directory.path() / "run";
};

TEST_F(DocumentsTest, EachGeneratedLineOfAModelOfLinesIsOneThatItLearned) {
  train();
  const std::set<std::string> known(kLines.begin(), kLines.end());
  // With and without a prompt, and without the keys that it was trained with.
  for (const std::string prompt : {"", "uno dos tres\n"}) {
    const Finished done = run_program(
        {"generate", "--run.directory=" + run.string(), "--generate.length=4000",
         "--generate.seed=5", "--generate.temperature=0.7", "--generate.prompt=" + prompt});
    ASSERT_EQ(done.code, 0) << done.err;
    std::istringstream text(done.out);
    std::string line;
    int lines = 0;
    int right = 0;
    while (std::getline(text, line) && !text.eof() && text.peek() != EOF) {
      ++lines;
      right += known.contains(line) ? 1 : 0;
    }
    EXPECT_GT(lines, 250);
    EXPECT_GE(right, lines * 98 / 100) << "with the prompt '" << prompt << "'";
  }
}

}  // namespace
}  // namespace charrnn
