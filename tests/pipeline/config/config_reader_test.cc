#include <gtest/gtest.h>

#include "pipeline/config/options_table.h"
#include "tests/pipeline/config/config_files.h"

namespace charrnn {
namespace {

using Files = std::vector<std::string>;

TEST(ConfigReader, GivesDefaultsForWhatNobodySet) {
  const ReadConfig read = read_config({});
  EXPECT_EQ(read.config.train.batch, TrainOptions{}.batch);
  EXPECT_EQ(read.config.serve.port, 7707);
  for (const Option& option : options_table()) EXPECT_EQ(read.origins.at(option.key), "default");
}

TEST(ConfigReader, PutsCommandLineBeforeEnvironmentBeforeFileBeforeDefault) {
  const ConfigFolder folder;
  const auto file = folder.write("a.ini", "[train]\nbatch = 2\nclip = 2\nseed = 2\n");
  const ReadConfig read = read_config(
      {file, {"CHARRNN_TRAIN_BATCH=3", "CHARRNN_TRAIN_CLIP=3"}, {{"train.batch", "4"}}});
  EXPECT_EQ(read.config.train.batch, 4);
  EXPECT_EQ(read.config.train.clip, 3.0);
  EXPECT_EQ(read.config.train.seed, 2U);
  EXPECT_EQ(read.config.train.epochs, 20U);
  EXPECT_EQ(read.origins.at("train.batch"), "command line");
  EXPECT_EQ(read.origins.at("train.clip"), "environment CHARRNN_TRAIN_CLIP");
  EXPECT_EQ(read.origins.at("train.seed"), file.string() + ":4");
  EXPECT_EQ(read.origins.at("train.epochs"), "default");
}

TEST(ConfigReader, AListOfAHigherSourceReplacesTheLowerOne) {
  const ConfigFolder folder;
  const auto file = folder.write("a.ini", "[corpus]\nfiles = /a.txt\nfiles = /b.txt\n");
  EXPECT_EQ(read_config({file, {}, {}}).config.corpus.files, (Files{"/a.txt", "/b.txt"}));
  EXPECT_EQ(read_config({file, {"CHARRNN_CORPUS_FILES=c.txt\nd.txt"}, {}}).config.corpus.files,
            (Files{"c.txt", "d.txt"}));
  const ConfigSources all = {
      file, {"CHARRNN_CORPUS_FILES=c.txt"}, {{"corpus.files", "e.txt"}, {"corpus.files", "f.txt"}}};
  EXPECT_EQ(read_config(all).config.corpus.files, (Files{"e.txt", "f.txt"}));
}

TEST(ConfigReader, AnEmptyListReplacesToo) {
  const ConfigFolder folder;
  const auto file = folder.write("a.ini", "[corpus]\nfiles = /a.txt\n");
  EXPECT_TRUE(read_config({file, {}, {{"corpus.files", ""}}}).config.corpus.files.empty());
}

TEST(ConfigReader, PathsInAFileAreRelativeToThatFile) {
  const ConfigFolder folder;
  const auto file = folder.write("sub/a.ini",
                                 "[corpus]\nfiles = ../a=1.txt\nfiles = -\nfiles = @list\n"
                                 "files = /abs/*.txt\n[train]\ninitial_weights = w\n"
                                 "[run]\ndirectory = r\n[generate]\nprompt = ../a\n");
  const Config config = read_config({file, {}, {}}).config;
  EXPECT_EQ(config.corpus.files,
            (Files{(folder.path() / "a=1.txt").string(), "-",
                   std::string("@") + (folder.path() / "sub/list").string(), "/abs/*.txt"}));
  EXPECT_EQ(config.train.initial_weights, folder.path() / "sub/w");
  EXPECT_EQ(config.run.directory, folder.path() / "sub/r");
  EXPECT_EQ(config.generate.prompt, "../a");
}

TEST(ConfigReader, PathsElsewhereAreRelativeToTheWorkingDirectory) {
  const ConfigFolder folder;
  const auto file = folder.write("sub/a.ini", "");
  const Config config =
      read_config({file, {"CHARRNN_RUN_DIRECTORY=r"}, {{"corpus.files", "../a.txt"}}}).config;
  EXPECT_EQ(config.corpus.files, Files{"../a.txt"});
  EXPECT_EQ(config.run.directory, "r");
}

TEST(ConfigReader, TheRunDirectoryIsNamedAfterTheConfig) {
  const ConfigFolder folder;
  EXPECT_EQ(read_config({folder.write("my.first.ini", ""), {}, {}}).config.run.directory,
            "runs/my.first");
  EXPECT_EQ(read_config({}).config.run.directory, "runs/default");
}

TEST(ConfigReader, AnUnknownVariableIsAWarningAtMost) {
  const ReadConfig read = read_config({{}, {"CHARRNN_TRAIN_BACH=3", "CHARRNNX=1", "PATH=/"}, {}});
  ASSERT_EQ(read.warnings.size(), 1U);
  EXPECT_EQ(
      read.warnings[0],
      "the environment variable CHARRNN_TRAIN_BACH names no key of the configuration; did you "
      "mean CHARRNN_TRAIN_BATCH?");
}

TEST(ConfigReader, AnEmptyVariableSetsNothing) {
  EXPECT_EQ(read_config({{}, {"CHARRNN_TRAIN_BATCH="}, {}}).origins.at("train.batch"), "default");
}

TEST(ConfigReader, TheLastOfTheCommandLineCounts) {
  const ConfigSources twice = {{}, {}, {{"train.batch", "3"}, {"train.batch", "4"}}};
  EXPECT_EQ(read_config(twice).config.train.batch, 4);
}

TEST(ConfigReader, TellsAllMistakesOfAllSourcesAtOnceInOrder) {
  const ConfigFolder folder;
  const auto file = folder.write("a.ini",
                                 "[corpus]\nencoding = utf8\n[modle]\nhidden = 1\nlayers = x\n"
                                 "[train]\nbatch = 0\nbtach = 4\nclip = 1\nclip = 2\nhidden = 9\n"
                                 "sequence_length\n");
  const std::string a = "\n  " + file.string() + ":";
  EXPECT_EQ(
      complaint({file, {"CHARRNN_TRAIN_SEED=x"}, {{"model.dropout", "2"}, {"serve.prot", "1"}}}),
      "10 mistakes in the configuration:" + a +
          "2: corpus.encoding: 'utf8' is not one of utf-8, utf-16, latin-1, bytes, windows-1252; "
          "did you mean utf-8?" +
          a + "3: unknown section [modle]; did you mean model?" + a +
          "7: train.batch: '0' is out of range; it may be 1 to 65536" + a +
          "8: unknown key train.btach; did you mean train.batch?" + a +
          "10: train.clip is set here again, after " + file.string() + ":9; keep one of the two" +
          a + "11: unknown key train.hidden; did you mean model.hidden?" + a +
          "12: 'sequence_length' has no '='; write key = value"
          "\n  CHARRNN_TRAIN_SEED: 'x' is not a whole number; for example seed = 1"
          "\n  --serve.prot: unknown key serve.prot; did you mean serve.port?"
          "\n  --model.dropout: '2' is out of range; it may be from 0, below 1");
}

TEST(ConfigReader, AMistakeInAFileIsToldEvenWhenTheCommandLineReplacesTheValue) {
  const ConfigFolder folder;
  const auto file = folder.write("a.ini", "[train]\nbatch = x\n");
  EXPECT_NE(complaint({file, {}, {{"train.batch", "4"}}}), "");
}

TEST(ConfigReader, ImpossibleCombinationsNameThePlaceOfTheKeyToChange) {
  const ConfigFolder folder;
  const auto file = folder.write("a.ini", "[runtime]\ndevice = cuda\nbackend = fused\n");
  EXPECT_EQ(
      complaint({file, {}, {}}),
      "a mistake in the configuration:\n  " + file.string() +
          ":3: the fused kernels compute on the CPU, not on cuda; use runtime.backend = torch, "
          "or runtime.device = cpu");
  EXPECT_EQ(
      complaint({{}, {}, {{"train.epochs", "0"}}}),
      "a mistake in the configuration:\n  --train.epochs: training would never end, because no "
      "limit is set; set train.epochs, train.max_steps or train.max_seconds");
  EXPECT_NE(complaint({{}, {}, {{"corpus.encoding", "bytes"}, {"corpus.normalise", "nfc"}}}), "");
  EXPECT_NE(complaint({{}, {}, {{"corpus.files", "-"}, {"corpus.files", "-"}}}), "");
  EXPECT_NE(complaint({{}, {}, {{"train.learning_rate", "0"}}}), "");
  EXPECT_EQ(complaint({{}, {}, {{"train.epochs", "0"}, {"train.max_seconds", "3m"}}}), "");
}

TEST(ConfigReader, AFileThatCannotBeReadIsAConfigurationError) {
  const ConfigFolder folder;
  EXPECT_NE(complaint({folder.path() / "none.ini", {}, {}}).find("No such file"),
            std::string::npos);
  EXPECT_NE(complaint({folder.path(), {}, {}}).find("it is a folder"), std::string::npos);
}

}  // namespace
}  // namespace charrnn
