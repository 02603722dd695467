// What a user does with the program, and what it answers: output, messages, exit codes.
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmath>
#include <cstdlib>

#include <fstream>
#include <set>

#include "model/backend.h"
#include "tests/corpus/compress.h"
#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

const std::string kTiny = CHARRNN_SOURCE_DIR "/configs/tiny.ini";

class CommandTest : public ::testing::Test {
 protected:
  std::vector<std::string> with(const std::string& command, std::vector<std::string> more = {}) {
    std::vector<std::string> all{command, "--config", kTiny, "--run.directory=" + run.string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void train(int steps = 30) {
    const Finished done =
        run_program(with("train", {"--train.max_steps=" + std::to_string(steps)}));
    ASSERT_EQ(done.code, 0) << done.err;
  }
  std::filesystem::path text(const std::string& content) {
    const auto file = directory.path() / "text.txt";
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }
  static void expect_failure(const Finished& done, int code, const std::string& part) {
    EXPECT_EQ(done.code, code) << done.err;
    EXPECT_NE(done.err.find(part), std::string::npos) << done.err;
    EXPECT_EQ(done.out, "");
  }

  TemporaryDirectory directory;
  std::filesystem::path run = directory.path() / "run";
};

TEST_F(CommandTest, GenerateWritesPromptTextAndOneNewlineAndTheSameTextForTheSameSeed) {
  train();
  const auto arguments =
      with("generate", {"--generate.prompt=The ", "--generate.length=50", "--generate.seed=7"});
  const Finished first = run_program(arguments);
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(first.out.substr(0, 4), "The ");
  EXPECT_EQ(first.out.size(), 4U + 50U + 1U);
  EXPECT_EQ(first.out.back(), '\n');
  EXPECT_EQ(run_program(arguments).out, first.out);
}

TEST_F(CommandTest, EvaluateRepeatsTheLastValidation) {
  train();
  const Finished done = run_program(with("evaluate"));
  ASSERT_EQ(done.code, 0) << done.err;
  const auto last = read_lines(run / "metrics.jsonl").back();
  const auto loss = last.substr(last.find("validation_loss") + 17);
  EXPECT_EQ(done.out.substr(0, 9), "{\"loss\": ");
  EXPECT_EQ(std::stod(done.out.substr(9)), std::stod(loss));
  EXPECT_NE(done.out.find("\"bits_per_character\": "), std::string::npos);
  EXPECT_NE(done.out.find("\"perplexity\": "), std::string::npos);
  EXPECT_NE(done.out.find("\"characters\": "), std::string::npos);
}

TEST_F(CommandTest, EvaluateReadsInOrderAndLearnsFromWhatItHasScoredIfItIsAsked) {
  train();
  const auto manifest = run / "checkpoints" / "000000030" / "MANIFEST.json";
  const std::string before = read_file(manifest);
  ASSERT_FALSE(before.empty());
  const auto loss = [](const Finished& done, const std::string& name) {
    EXPECT_EQ(done.code, 0) << done.err;
    const auto at = done.out.find('"' + name + "\": ");
    EXPECT_NE(at, std::string::npos) << done.out;
    return std::stod(done.out.substr(at + name.size() + 4));
  };
  const Finished cold = run_program(with("evaluate"));
  const Finished warm = run_program(with("evaluate", {"--evaluate.mode=warm"}));
  EXPECT_EQ(warm.out.find("dynamic"), std::string::npos);
  EXPECT_NE(loss(warm, "loss"), loss(cold, "loss"));
  std::string again;
  for (int i = 0; i < 100; ++i) again += "The same line again and again.\n";
  const Finished dynamic = run_program(
      with("evaluate", {"--evaluate.mode=dynamic", "--validation.files=" + text(again).string(),
                        "--evaluate.window=20", "--evaluate.learning_rate=0.005"}));
  EXPECT_LT(loss(dynamic, "dynamic_loss"), 0.7 * loss(dynamic, "loss"));
  EXPECT_EQ(read_file(manifest), before);
  expect_failure(run_program(with("evaluate", {"--evaluate.mode=dynamic", "--evaluate.files=x"})),
                 3, "validation.files");
}

TEST_F(CommandTest, EvaluateTellsWhatWeightsIn8BitsCost) {
  train();
  const Finished done = run_program(with("evaluate", {"--serve.weights=int8"}));
  ASSERT_EQ(done.code, 0) << done.err;
  const auto adds = done.out.find("\"int8_adds\": ");
  ASSERT_NE(adds, std::string::npos) << done.out;
  const double nats = std::stod(done.out.substr(adds + 13));
  EXPECT_NE(nats, 0.0);
  EXPECT_LT(std::abs(nats), 0.005);
}

TEST_F(CommandTest, WeightsInBf16MakeTextsAndEvaluateTellsWhatTheyCost) {
  if (!bf16_available()) GTEST_SKIP() << "this processor has no AVX512-BF16";
  train();
  const Finished done = run_program(with("evaluate", {"--serve.weights=bf16"}));
  ASSERT_EQ(done.code, 0) << done.err;
  const auto adds = done.out.find("\"bf16_adds\": ");
  ASSERT_NE(adds, std::string::npos) << done.out;
  const double nats = std::stod(done.out.substr(adds + 13));
  EXPECT_NE(nats, 0.0);
  EXPECT_LT(std::abs(nats), 0.005);
  const Finished text = run_program(with("generate", {"--serve.weights=bf16"}));
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_FALSE(text.out.empty());
}

TEST_F(CommandTest, EvaluateOfAnyTextScoresEveryTransitionOfItAndSaysWhatItDoesToUnknownOnes) {
  train();
  const auto scored = [&](const std::string& content, const std::string& unknown) {
    return run_program(with("evaluate", {"--evaluate.files=" + text(content).string(),
                                         "--evaluate.unknown=" + unknown}));
  };
  const Finished plain = scored("The house", "error");
  ASSERT_EQ(plain.code, 0) << plain.err;
  EXPECT_NE(plain.out.find("\"characters\": 8, \"measure\": \"text\""), std::string::npos)
      << plain.out;
  const std::string strange = "The \xE2\x82\xAChouse";
  expect_failure(scored(strange, "error"), 5, "evaluate.unknown");
  const Finished skipped = scored(strange, "skip");
  EXPECT_EQ(skipped.out, plain.out);
  EXPECT_NE(skipped.err.find("left out"), std::string::npos) << skipped.err;
  const Finished replaced = scored(strange, "replace");
  EXPECT_NE(replaced.out.find("\"characters\": 9"), std::string::npos) << replaced.out;
  expect_failure(scored("T", "error"), 5, "fewer than two characters");
}

TEST_F(CommandTest, APromptWithAnUnknownCharacterIsNamedWithItsPosition) {
  train();
  const Finished done = run_program(with("generate", {"--generate.prompt=The \xE2\x82\xAC"}));
  expect_failure(done, 2, "5");
}

TEST_F(CommandTest, APromptIsReadAsTheCorpusWas) {
  std::string lines;
  for (int i = 0; i < 400; ++i) lines += i % 2 ? "caf\xC3\xA9 noir\n" : "cafe\xCC\x81 au lait\r\n";
  const std::vector<std::string> made = {"--corpus.files=" + text(lines).string(),
                                         "--corpus.normalise=nfc", "--train.max_steps=2"};
  const Finished trained = run_program(with("train", made));
  ASSERT_EQ(trained.code, 0) << trained.err;
  const auto written = [&](const std::string& prompt) {
    const Finished done = run_program(with(
        "generate", {"--generate.prompt=" + prompt, "--generate.length=40", "--generate.seed=3"}));
    EXPECT_EQ(done.code, 0) << done.err;
    return done.out.substr(std::min(done.out.size(), prompt.size()));
  };
  EXPECT_EQ(written("cafe\xCC\x81 noir\r\ncaf"), written("caf\xC3\xA9 noir\ncaf"));
}

TEST_F(CommandTest, NothingTrainedYetIsACheckpointError) {
  expect_failure(run_program(with("generate")), 7, "no checkpoint");
  expect_failure(run_program(with("serve")), 7, "no checkpoint");
}

TEST_F(CommandTest, ACorpusThatIsMissingEmptyTooSmallOrInvalidIsAnInputError) {
  const auto corpus = [](const std::filesystem::path& file) {
    return "--corpus.files=" + file.string();
  };
  expect_failure(run_program(with("train", {corpus(directory.path() / "none.txt")})), 5,
                 "none.txt");
  expect_failure(run_program(with("train", {corpus(text(""))})), 5, "text.txt");
  const Finished small = run_program(with("train", {corpus(text(std::string(200, 'a') + "b"))}));
  expect_failure(small, 5, "train.batch = 5");
  const Finished invalid = run_program(with("train", {corpus(text("good text \xff and more"))}));
  expect_failure(invalid, 5, "text.txt");
  EXPECT_NE(invalid.err.find("10"), std::string::npos) << invalid.err;
}

TEST_F(CommandTest, ATextWithNothingToTrainOnIsToldWithoutOddAdvice) {
  const Finished done = run_program(with("train", {"--corpus.files=" + text("a").string()}));
  expect_failure(done, 5, "nothing of it is left to train on");
  EXPECT_EQ(done.err.find("= 0"), std::string::npos) << done.err;
}

TEST_F(CommandTest, AFinishedRunThatIsStartedAgainSaysThatThereIsNothingToDo) {
  train();
  const Finished done = run_program(with("train", {"--train.max_steps=30"}));
  EXPECT_EQ(done.code, 0);
  EXPECT_NE(done.err.find("nothing to do: this run had ended after step 30"), std::string::npos)
      << done.err;
}

TEST_F(CommandTest, ALossThatRisesFarAboveGuessingIsTold) {
  const Finished done =
      run_program(with("train", {"--train.max_steps=60", "--train.learning_rate=10"}));
  EXPECT_NE(done.err.find("and rising, while guessing among"), std::string::npos) << done.err;
}

TEST_F(CommandTest, WeightsThatAreNotFiniteAreRefusedWithTheirTensor) {
  train();
  const auto file = directory.path() / "weights.safetensors";
  std::string bytes = read_file(run / "checkpoints/000000030/model.safetensors");
  bytes.replace(bytes.size() - 4, 4, "\xff\xff\xff\x7f", 4);  // a NaN at the end of the last tensor
  std::ofstream(file, std::ios::binary) << bytes;
  run = directory.path() / "other";
  expect_failure(run_program(with("train", {"--train.initial_weights=" + file.string()})), 7,
                 "holds NaN or an infinite number");
}

TEST_F(CommandTest, WhatAnUnreadableOrEndlessPathMeansIsToldWithTheCodeOfItsKey) {
  const std::string endless(5000, 'x');
  EXPECT_EQ(run_program({"train", "--config", endless}).code, 3);
  EXPECT_EQ(run_program(with("train", {"--train.initial_weights=" + endless})).code, 7);
  EXPECT_EQ(run_program(with("train", {"--corpus.files=" + endless})).code, 5);
  run = directory.path() / endless;
  EXPECT_EQ(run_program(with("train")).code, 6);
  EXPECT_EQ(run_program(with("plan")).code, 6);
  EXPECT_EQ(run_program(with("generate")).code, 6);
}

TEST_F(CommandTest, ARunDirectoryThatCannotBeUsedIsAnIoError) {
  std::ofstream(directory.path() / "file") << "in the way";
  run = directory.path() / "file" / "run";
  expect_failure(run_program(with("train")), 6, "run.directory");
}

TEST_F(CommandTest, ACheckpointOfAnotherNetworkOrAlphabetIsRefused) {
  train();
  expect_failure(run_program(with("train", {"--model.hidden=40"})), 7, "2 layers of 32 units");
  expect_failure(run_program(with("train", {"--train.batch=4"})), 7, "train.batch = 8");
}

TEST_F(CommandTest, TheSameTextInAnotherStorageGoesOn) {
  const std::string content = read_file(CHARRNN_SOURCE_DIR "/tests/data/tiny.txt");
  const auto go_on = [&](int steps, std::vector<std::string> more) {
    more.push_back("--train.max_steps=" + std::to_string(steps));
    more.push_back("--corpus.cache_directory=" + (directory.path() / "cache").string());
    const Finished done = run_program(with("train", more));
    EXPECT_EQ(done.code, 0) << done.err;
    return done.err.find("going on after step") != std::string::npos;
  };
  const std::string file = text(content).string();
  EXPECT_FALSE(go_on(3, {"--corpus.files=" + file}));
  const std::string first = (directory.path() / "first").string();
  const std::string rest = (directory.path() / "rest").string();
  std::ofstream(first, std::ios::binary) << content.substr(0, 1234);
  std::ofstream(rest, std::ios::binary) << content.substr(1234);
  EXPECT_TRUE(go_on(5, {"--corpus.files=" + first, "--corpus.files=" + rest}));
  text(gzip(content));
  EXPECT_TRUE(go_on(7, {"--corpus.files=" + file}));
  std::string returns;
  for (const char c : content) returns += c == '\n' ? std::string("\r\n") : std::string(1, c);
  text(returns);
  EXPECT_TRUE(go_on(9, {"--corpus.files=" + file}));
}

TEST_F(CommandTest, AChangedCorpusIsRefusedUntilItIsAccepted) {
  std::string content = read_file(CHARRNN_SOURCE_DIR "/tests/data/tiny.txt");
  const auto corpus = "--corpus.files=" + text(content).string();
  ASSERT_EQ(run_program(with("train", {corpus, "--train.max_steps=5"})).code, 0);
  std::swap(content[1000], content[2001]);
  text(content);
  if (read_file(directory.path() / "text.txt") ==
      read_file(CHARRNN_SOURCE_DIR "/tests/data/tiny.txt")) {
    GTEST_FAIL() << "the swap changed nothing";
  }
  const auto again = with("train", {corpus, "--train.max_steps=8"});
  const Finished swapped = run_program(again);
  expect_failure(swapped, 5, "accept_changed_corpus");
  EXPECT_NE(swapped.err.find("same characters as before, but not in the same order"),
            std::string::npos)
      << swapped.err;
  text(content + "zz");
  const Finished longer = run_program(again);
  expect_failure(longer, 5, "there are 2 more 'z' U+007A");
  EXPECT_NE(longer.err.find("characters and has "), std::string::npos) << longer.err;
  text(content);
  const Finished accepted = run_program(
      with("train", {corpus, "--train.max_steps=8", "--run.accept_changed_corpus=true"}));
  EXPECT_EQ(accepted.code, 0) << accepted.err;
}

TEST_F(CommandTest, AnotherOrderOfTheTextIsRefusedUntilItIsAccepted) {
  ASSERT_EQ(run_program(with("train", {"--train.max_steps=5"})).code, 0);
  const std::vector<std::string> shuffled = {"--train.max_steps=8", "--corpus.order=shuffled",
                                             "--corpus.shuffle_block=500"};
  expect_failure(run_program(with("train", shuffled)), 5, "corpus.order = sequential");
  // What does not change the order is no reason to refuse.
  auto allowed =
      with("train", {"--train.max_steps=7", "--corpus.shuffle_block=500", "--train.seed=99"});
  ASSERT_EQ(run_program(allowed).code, 0);
  auto accepted = with("train", shuffled);
  accepted.push_back("--run.accept_changed_corpus=true");
  ASSERT_EQ(run_program(accepted).code, 0);
  auto other = with("train", {"--train.max_steps=9", "--corpus.order=shuffled"});
  expect_failure(run_program(other), 5, "corpus.shuffle_block = 500");
}

TEST_F(CommandTest, TextInOtherCharactersIsRefusedUntilItIsAccepted) {
  ASSERT_EQ(run_program(with("train", {"--train.max_steps=5"})).code, 0);
  const Finished bytes =
      run_program(with("train", {"--train.max_steps=6", "--corpus.encoding=bytes"}));
  expect_failure(bytes, 5, "corpus.encoding was utf-8 and is bytes");
  // The text has no CR: these are the same characters.
  const auto same = with("train", {"--train.max_steps=5", "--corpus.newlines=keep"});
  EXPECT_EQ(run_program(same).code, 0);
  EXPECT_EQ(run_program(with("train", {"--train.max_steps=6", "--corpus.validation_fraction=0.2",
                                       "--run.accept_changed_corpus=true"}))
                .code,
            0);
}

TEST_F(CommandTest, ABlockThatHoldsTheWholeTextIsToldToShuffleNothing) {
  const Finished done = run_program(with(
      "train", {"--train.max_steps=1", "--corpus.order=shuffled", "--corpus.shuffle_block=1G"}));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.err.find("nothing is shuffled"), std::string::npos) << done.err;
}

TEST_F(CommandTest, EvaluateScoresDocumentsAsTheyWereTrainedWhateverItIsTold) {
  const std::string documents = "--corpus.documents=blank_line";
  ASSERT_EQ(run_program(with("train", {"--train.max_steps=30", documents})).code, 0);
  const auto last = read_lines(run / "metrics.jsonl").back();
  const double loss = std::stod(last.substr(last.find("validation_loss") + 17));
  EXPECT_EQ(std::stod(run_program(with("evaluate", {documents})).out.substr(9)), loss);
  EXPECT_EQ(std::stod(run_program(with("evaluate")).out.substr(9)), loss);
}

TEST_F(CommandTest, ASeparatorIsAskedForAndOneThatCannotOccurIsTold) {
  expect_failure(run_program(with("train", {"--corpus.documents=separator"})), 3,
                 "corpus.separator");
  const Finished done =
      run_program(with("train", {"--train.max_steps=1", "--corpus.documents=separator",
                                 "--corpus.separator=<|\xE2\x82\xAC|>"}));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.err.find("it is one document"), std::string::npos) << done.err;
}

TEST_F(CommandTest, OutputThatCannotBeWrittenIsTold) {
  const std::string program = CHARRNN_PROGRAM;
  const std::string text =
      " --config " + kTiny + " --run.directory=" + run.string() + " 2>/dev/null";
  for (const char* command : {" --help", " plan", " inspect"}) {
    const int status = std::system((program + command + text + " >/dev/full").c_str());
    EXPECT_EQ(WEXITSTATUS(status), 6) << command;
  }
  // Whoever reads a part only is no mistake.
  const std::string some =
      program + " inspect --inspect.batches=1000" + text + " | head -1 >/dev/null";
  EXPECT_EQ(std::system(("bash -o pipefail -c '" + some + "'").c_str()), 0);
}

TEST_F(CommandTest, AGpuThatIsNotThereIsAConfigurationError) {
  const Finished done =
      run_program(with("train", {"--runtime.device=cuda", "--runtime.backend=torch"}));
  if (done.code == 0) GTEST_SKIP() << "this machine has a GPU";
  expect_failure(done, 3, "cuda");
}

TEST_F(CommandTest, ABuildWithoutLibtorchSaysSoAndWhatToDo) {
  const Finished version = run_program({"--version"});
  EXPECT_EQ(version.out.find("libtorch none: this is the small build") == std::string::npos,
            kWithTorch);
  const Finished done =
      run_program(with("train", {"--runtime.backend=torch", "--train.max_steps=1"}));
  if (kWithTorch) {
    EXPECT_EQ(done.code, 0) << done.err;
    return;
  }
  expect_failure(done, 3, "built without libtorch. Say runtime.backend = fused or auto");
  EXPECT_FALSE(std::filesystem::exists(run / "metrics.jsonl"));
}

TEST_F(CommandTest, TheSecondProcessOnARunDirectoryIsToldWhoHasIt) {
  Program first(with("train", {"--train.epochs=100000"}));
  ASSERT_TRUE(first.wait_until([&] { return read_lines(run / "metrics.jsonl").size() > 3; }));
  expect_failure(run_program(with("train")), 8, run.string());
  first.signal(SIGTERM);
  EXPECT_EQ(first.finish().code, 0);
}

TEST_F(CommandTest, SigtermSavesAndExitsWithZeroAndTheSameCommandGoesOn) {
  {
    Program program(with("train", {"--train.epochs=100000"}));
    ASSERT_TRUE(program.wait_until([&] { return read_lines(run / "metrics.jsonl").size() > 20; }));
    program.signal(SIGINT);
    const Finished stopped = program.finish();
    EXPECT_EQ(stopped.code, 0);
    EXPECT_NE(stopped.err.find("the same command goes on"), std::string::npos) << stopped.err;
  }
  const auto steps = read_lines(run / "metrics.jsonl").size();
  Program again(with("train", {"--train.epochs=100000"}));
  ASSERT_TRUE(
      again.wait_until([&] { return read_lines(run / "metrics.jsonl").size() > steps + 5; }));
  EXPECT_NE(again.err().find("going on after step"), std::string::npos);
  again.signal(SIGTERM);
  EXPECT_EQ(again.finish().code, 0);
}

TEST_F(CommandTest, ADataRunPrintsTheSameDigestForAnyStripesAndThreads) {
  std::set<std::string> digests;
  const std::vector<std::vector<std::string>> kinds = {
      {},
      {"--corpus.order=shuffled", "--corpus.shuffle_block=333"},
      {"--corpus.documents=blank_line"},
      {"--corpus.documents=separator", "--corpus.separator= the "},
      {"--corpus.order=shuffled", "--corpus.shuffle_block=333", "--corpus.documents=blank_line"}};
  for (const auto& kind : kinds) {
    std::string digest;
    for (const char* shape : {"1", "5", "64"}) {
      run = directory.path() / (std::to_string(digests.size()) + shape);
      auto arguments =
          with("train", {"--runtime.backend=hash", "--runtime.stripe_windows=" + std::string(shape),
                         "--runtime.threads=" + std::string(shape[0] == '1' ? "1" : "2")});
      arguments.insert(arguments.end(), kind.begin(), kind.end());
      const Finished done = run_program(arguments);
      ASSERT_EQ(done.code, 0) << done.err;
      EXPECT_EQ(done.out.size(), 33U) << done.out;
      if (digest.empty()) digest = done.out;
      EXPECT_EQ(done.out, digest);
    }
    digests.insert(digest);
  }
  EXPECT_EQ(digests.size(), kinds.size());
}

}  // namespace
}  // namespace charrnn
