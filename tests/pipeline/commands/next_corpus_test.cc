// Other texts for a model: validation.files, and a start from the weights of another alphabet.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;

class NextCorpus : public ::testing::Test {
 protected:
  /// A text of `lines` lines that hold `words`.
  std::string text(const std::string& name, const std::string& words, int lines = 60) const {
    std::ofstream out(temporary.path() / name, std::ios::binary);
    for (int i = 0; i < lines; ++i) out << words << (i % 3 == 0 ? " abc" : " cab") << "\n";
    return (temporary.path() / name).string();
  }
  Finished run(const std::string& command, const std::string& name,
               std::vector<std::string> more) const {
    std::vector<std::string> all{command,
                                 "--run.directory=" + (temporary.path() / name).string(),
                                 "--model.hidden=16",
                                 "--model.layers=1",
                                 "--train.batch=2",
                                 "--train.sequence_length=20",
                                 "--validation.every_steps=5",
                                 "--train.epochs=100",
                                 "--serve.enabled=false"};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all);
  }
  std::string files(const std::string& file) const { return "--corpus.files=" + file; }
  std::string weights_of(const std::string& name, int step) const {
    return (temporary.path() / name / "checkpoints" / ("00000000" + std::to_string(step))).string();
  }
  static void expect_told(const Finished& done, const std::string& part) {
    EXPECT_NE(done.err.find(part), std::string::npos) << done.err;
  }

  TemporaryDirectory temporary;
};

TEST_F(NextCorpus, ExtendsTheAlphabetGoesOnWithoutTheOldCheckpointAndWritesTheNewCharacters) {
  const std::string first = text("first.txt", "a plain text");
  const std::string second = text("second.txt", "caf\xc3\xa9");
  ASSERT_EQ(run("train", "one", {files(first), "--train.max_steps=6"}).code, 0);
  const std::string start = "--train.initial_weights=" + weights_of("one", 6);

  const Finished whole = run("train", "two", {files(second), start, "--train.max_steps=8"});
  ASSERT_EQ(whole.code, 0) << whole.err;
  expect_told(whole,
              "the text has 2 more: 'f' U+0066 (60), '\xc3\xa9' U+00E9 (60). They are "
              "added to the vocabulary");

  ASSERT_EQ(run("train", "parts", {files(second), start, "--train.max_steps=3"}).code, 0);
  fs::remove_all(temporary.path() / "one");
  const Finished resumed = run("train", "parts", {files(second), start, "--train.max_steps=8"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  for (const char* file : {"model.safetensors", "vocabulary.json"}) {
    EXPECT_EQ(read_file(fs::path(weights_of("parts", 8)) / file),
              read_file(fs::path(weights_of("two", 8)) / file))
        << file;
  }
  // Old characters that the new text lacks are still known.
  const Finished written =
      run("generate", "two",
          {"--generate.prompt=text caf\xc3\xa9", "--generate.length=5", "--generate.seed=1"});
  EXPECT_EQ(written.code, 0) << written.err;
  EXPECT_TRUE(written.out.starts_with("text caf\xc3\xa9"));
}

TEST_F(NextCorpus, FreezesTheAlphabetAndReadsNewCharactersAsUnknown) {
  const std::string first = text("first.txt", "a plain text");
  const std::string second = text("second.txt", "caf\xc3\xa9 plain");
  ASSERT_EQ(run("train", "one", {files(first), "--train.max_steps=6"}).code, 0);
  const std::vector<std::string> arguments = {files(second),
                                              "--train.initial_weights=" + weights_of("one", 6),
                                              "--train.vocabulary=freeze"};
  auto with_steps = [&](int steps) {
    auto all = arguments;
    all.push_back("--train.max_steps=" + std::to_string(steps));
    return all;
  };
  const Finished done = run("train", "two", with_steps(4));
  ASSERT_EQ(done.code, 0) << done.err;
  expect_told(done,
              "'f' U+0066 (60), '\xc3\xa9' U+00E9 (60). They are read as <unk>, which is "
              "added to the vocabulary");
  const std::string vocabulary = read_file(fs::path(weights_of("two", 4)) / "vocabulary.json");
  EXPECT_NE(vocabulary.find("<unk>"), std::string::npos);
  EXPECT_EQ(vocabulary.find("\"f\""), std::string::npos);
  EXPECT_EQ(run("train", "two", with_steps(7)).code, 0);
  const Finished plan = run("plan", "three", with_steps(4));
  EXPECT_EQ(plan.code, 0);
  EXPECT_NE(plan.out.find("They are read as <unk>"), std::string::npos) << plan.out;
  const Finished inspect = run("inspect", "three", with_steps(4));
  EXPECT_NE(inspect.out.find("\"ca<unk><unk> plain abc"), std::string::npos) << inspect.out;
}

TEST_F(NextCorpus, RefusesWeightsOfAnotherSizeAndOfBytes) {
  const std::string first = text("first.txt", "a plain text");
  ASSERT_EQ(run("train", "one", {files(first), "--train.max_steps=2"}).code, 0);
  const std::string start = "--train.initial_weights=" + weights_of("one", 2);
  const Finished wrong =
      run("train", "two", {files(first), start, "--model.hidden=17", "--train.max_steps=4"});
  EXPECT_EQ(wrong.code, 7);
  expect_told(wrong, "1 layer of 16 units");
  const Finished bytes = run(
      "train", "three", {files(first), start, "--corpus.encoding=bytes", "--train.max_steps=4"});
  EXPECT_EQ(bytes.code, 7);
  expect_told(bytes, "corpus.encoding");
}

TEST_F(NextCorpus, ValidatesOnFilesOfTheirOwnAndThenLearnsAllOfTheCorpus) {
  const std::string corpus = text("corpus.txt", "a plain text");  // 60 lines of 17
  const std::string other = text("other.txt", "plain", 40);
  const std::vector<std::string> arguments = {files(corpus), "--validation.files=" + other,
                                              "--train.max_steps=5"};
  const Finished plan = run("plan", "run", arguments);
  ASSERT_EQ(plan.code, 0) << plan.err;
  EXPECT_NE(plan.out.find("  training       1,020 characters\n"), std::string::npos) << plan.out;
  ASSERT_EQ(run("train", "run", arguments).code, 0);
  const std::string last = read_lines(temporary.path() / "run" / "metrics.jsonl").back();
  EXPECT_NE(last.find("\"validation_chars\":400"), std::string::npos) << last;
  const Finished score = run("evaluate", "run", {"--validation.files=" + other});
  ASSERT_EQ(score.code, 0) << score.err;
  const std::string loss = last.substr(last.find("validation_loss") + 17);
  EXPECT_EQ(std::stod(score.out.substr(9)), std::stod(loss));
}

TEST_F(NextCorpus, AValidationTextWithAnUnknownCharacterIsAnErrorOrFolded) {
  const std::string corpus = text("corpus.txt", "a plain text");
  const std::string rare = text("rare.txt", "a plain text\n") + "x";
  std::ofstream(rare, std::ios::binary) << read_file(corpus) << "0";
  const std::string validation = "--validation.files=" + text("other.txt", "caf\xc3\xa9", 40);
  const Finished refused = run("train", "one", {files(corpus), validation, "--train.max_steps=2"});
  EXPECT_EQ(refused.code, 5);
  expect_told(refused,
              "validation.files holds 2 characters that the vocabulary lacks: 'f' U+0066 (40), "
              "'\xc3\xa9' U+00E9 (40)");
  const Finished folded =
      run("train", "two", {files(rare), "--corpus.min_count=2", validation, "--train.max_steps=2"});
  EXPECT_EQ(folded.code, 0) << folded.err;
  expect_told(folded, "They are read as <unk>");
}

TEST_F(NextCorpus, AResumedRunTellsOfAnotherValidationTextAndRefusesAnotherTrainingPart) {
  const std::string corpus = text("corpus.txt", "a plain text");
  const std::string one = "--validation.files=" + text("one.txt", "plain", 40);
  const std::string two = "--validation.files=" + text("two.txt", "tap", 40);
  ASSERT_EQ(run("train", "run", {files(corpus), one, "--train.max_steps=2"}).code, 0);
  const Finished same = run("train", "run", {files(corpus), one, "--train.max_steps=3"});
  EXPECT_EQ(same.code, 0);
  EXPECT_EQ(same.err.find("validation text is another"), std::string::npos) << same.err;
  const Finished changed = run("train", "run", {files(corpus), two, "--train.max_steps=4"});
  EXPECT_EQ(changed.code, 0) << changed.err;
  expect_told(changed, "validation text is another");
  const Finished refused = run("train", "run", {files(corpus), "--train.max_steps=5"});
  EXPECT_EQ(refused.code, 5);
  expect_told(refused, "corpus.validation_fraction = 0.1");
}

}  // namespace
}  // namespace charrnn
