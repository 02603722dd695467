#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "pipeline/config/config_text.h"
#include "pipeline/config/ini_scanner.h"
#include "pipeline/config/options_table.h"
#include "tests/pipeline/config/config_files.h"

namespace charrnn {
namespace {

const std::filesystem::path kConfigs = std::filesystem::path(CHARRNN_SOURCE_DIR) / "configs";

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A value other than the default for every key.
Config unusual() {
  const std::vector<Override> overrides = {{"corpus.files", "/a b.txt"},
                                           {"corpus.files", "/c # d.txt"},
                                           {"corpus.format", "jsonl"},
                                           {"corpus.field", "body"},
                                           {"corpus.encoding", "latin-1"},
                                           {"corpus.newlines", "keep"},
                                           {"corpus.invalid", "skip"},
                                           {"corpus.min_count", "3"},
                                           {"corpus.normalise", "nfc"},
                                           {"corpus.validation_fraction", "0.05"},
                                           {"corpus.documents", "separator"},
                                           {"corpus.separator", "<|endoftext|>\n"},
                                           {"corpus.order", "shuffled"},
                                           {"corpus.shuffle_block", "4096"},
                                           {"corpus.cache_directory", "/cache"},
                                           {"corpus.cache_limit", "1G"},
                                           {"model.hidden", "3"},
                                           {"model.cell", "gru"},
                                           {"model.layers", "4"},
                                           {"model.dropout", "0.3"},
                                           {"model.forget_bias", "1"},
                                           {"train.batch", "5"},
                                           {"train.sequence_length", "6"},
                                           {"train.epochs", "7"},
                                           {"train.max_steps", "8"},
                                           {"train.max_seconds", "1.5h"},
                                           {"train.learning_rate", "0.0033"},
                                           {"train.optimizer", "sgd"},
                                           {"train.momentum", "0.5"},
                                           {"train.weight_decay", "0.03"},
                                           {"train.cautious_decay", "true"},
                                           {"train.ema", "0.99"},
                                           {"train.nesterov", "true"},
                                           {"train.bias_rate", "0.04"},
                                           {"train.schedule", "wsd"},
                                           {"train.final_learning_rate", "0.0001"},
                                           {"train.decay_share", "0.3"},
                                           {"train.warmup_steps", "17"},
                                           {"train.clip", "0.7"},
                                           {"train.seed", "18446744073709551615"},
                                           {"train.initial_weights", "/w"},
                                           {"train.vocabulary", "freeze"},
                                           {"validation.every_steps", "9"},
                                           {"validation.every_epochs", "0.25"},
                                           {"validation.max_chars", "10"},
                                           {"validation.files", "/v.txt"},
                                           {"checkpoint.every_steps", "11"},
                                           {"checkpoint.every_epochs", "2"},
                                           {"checkpoint.keep", "12"},
                                           {"checkpoint.keep_best", "false"},
                                           {"run.directory", "/r"},
                                           {"run.checkpoint", "best"},
                                           {"run.accept_changed_corpus", "true"},
                                           {"run.accept_changed_training", "true"},
                                           {"run.trace", "/t"},
                                           {"runtime.device", "cuda"},
                                           {"runtime.backend", "torch"},
                                           {"runtime.precision", "amp"},
                                           {"runtime.threads", "13"},
                                           {"runtime.kernel_threads", "14"},
                                           {"runtime.stripe_windows", "15"},
                                           {"runtime.stripe_credits", "16"},
                                           {"cluster.exact", "true"},
                                           {"cluster.timeout", "17"},
                                           {"metrics.every_steps", "17"},
                                           {"log.format", "json"},
                                           {"log.quiet", "true"},
                                           {"serve.enabled", "false"},
                                           {"serve.address", "::1"},
                                           {"serve.port", "18"},
                                           {"serve.share", "0.19"},
                                           {"serve.threads", "2"},
                                           {"serve.weights", "int8"},
                                           {"serve.unix_socket", "/u"},
                                           {"serve.api_key_file", "/k"},
                                           {"serve.certificate", "/c"},
                                           {"serve.private_key", "/p"},
                                           {"serve.insecure", "true"},
                                           {"serve.allowed_hosts", "model.example"},
                                           {"serve.cors_origins", "https://app.example"},
                                           {"serve.log", "json"},
                                           {"serve.unknown", "replace"},
                                           {"serve.max_live", "24"},
                                           {"serve.max_queued", "25"},
                                           {"serve.max_states", "34"},
                                           {"serve.max_connections", "34"},
                                           {"serve.header_seconds", "26"},
                                           {"serve.body_seconds", "27"},
                                           {"serve.send_seconds", "28"},
                                           {"serve.idle_seconds", "29"},
                                           {"serve.request_seconds", "1h"},
                                           {"serve.drain", "1500ms"},
                                           {"generate.prompt", " # \"two\"\nlines "},
                                           {"generate.prompt_file", "/p.txt"},
                                           {"generate.length", "20"},
                                           {"generate.temperature", "0.21"},
                                           {"generate.top_k", "22"},
                                           {"generate.top_p", "0.9"},
                                           {"generate.min_p", "0.1"},
                                           {"generate.repetition_penalty", "1.25"},
                                           {"generate.typical_p", "0.8"},
                                           {"generate.presence_penalty", "-0.5"},
                                           {"generate.frequency_penalty", "0.5"},
                                           {"generate.repeat_last_n", "35"},
                                           {"generate.logit_bias", "e=-5"},
                                           {"generate.allowed", "a #b"},
                                           {"generate.stop", "\n\n"},
                                           {"generate.include_stop", "true"},
                                           {"generate.min_length", "13"},
                                           {"generate.samples", "3"},
                                           {"generate.regex", "[a-z]+ # \\d"},
                                           {"generate.count", "12"},
                                           {"generate.unique", "true"},
                                           {"generate.novel", "true"},
                                           {"generate.format", "jsonl"},
                                           {"generate.seed", "23"},
                                           {"evaluate.files", "/e.txt"},
                                           {"evaluate.unknown", "skip"},
                                           {"evaluate.mode", "warm"},
                                           {"evaluate.window", "30"},
                                           {"evaluate.optimizer", "muon"},
                                           {"evaluate.learning_rate", "0.25"},
                                           {"score.files", "/s.txt"},
                                           {"score.top", "35"},
                                           {"score.format", "jsonl"},
                                           {"score.unknown", "skip"},
                                           {"export.directory", "/x"},
                                           {"init.config", "/new.ini"},
                                           {"init.size", "large"},
                                           {"report.runs", "/one"},
                                           {"report.page", "/r.html"},
                                           {"inspect.first_batch", "31"},
                                           {"inspect.batches", "32"},
                                           {"inspect.rows", "33"}};
  return read_config({{}, {}, overrides}).config;
}

TEST(ConfigText, ReadsBackEveryKeyThatItWritesButThePermissionsForOneStart) {
  const ConfigFolder folder;
  const auto file = folder.write("config.ini", "");
  const auto there = file.parent_path();
  const std::string text = to_ini(unusual(), there);
  folder.write("config.ini", text);
  const ReadConfig read = read_config({file, {}, {}});
  EXPECT_EQ(to_ini(read.config, there), text);
  Config written = unusual();
  Config back = read.config;
  Config defaults;
  for (const Option& option : options_table()) {
    EXPECT_NE(write_value(option, written), write_value(option, defaults)) << option.key;
    EXPECT_EQ(write_value(option, back),
              write_value(option, option.for_one_start ? defaults : written))
        << option.key;
  }
  EXPECT_FALSE(back.run.accept_changed_corpus);
}

TEST(ConfigText, WritesPathsAsTheFileSeesThemSoThatARunMayBeMoved) {
  Config config;
  config.corpus.files = {"text/a.txt", "-", "@list", "/b.txt", "runs/x/@odd"};
  config.run.directory = "runs/x";
  const std::string text = to_ini(config, "runs/x");
  std::string up = "../..";
  for (const auto& part : std::filesystem::current_path().relative_path()) {
    if (!part.empty()) up += "/..";
  }
  for (const std::string& line :
       {std::string("files = ../../text/a.txt\n"), std::string("files = -\n"),
        std::string("files = @../../list\n"), "files = " + up + "/b.txt\n",
        std::string("files = ./@odd\n"), std::string("directory = .\n")}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

TEST(ConfigText, PrintsEveryKeyWithItsOriginInAFormThatCanBeReadBack) {
  const ReadConfig read =
      read_config({{},
                   {"CHARRNN_TRAIN_CLIP=4"},
                   {{"train.batch", "3"}, {"corpus.files", "a.txt"}, {"corpus.files", "b.txt"}}});
  const std::string text = print_config(read.config, read.origins);
  for (const char* expected :
       {"train.batch = 3  # command line\n", "train.clip = 4  # environment CHARRNN_TRAIN_CLIP\n",
        "corpus.files = a.txt  # command line\ncorpus.files = b.txt  # ",
        "train.initial_weights =  # default\n"}) {
    EXPECT_NE(text.find(expected), std::string::npos) << expected;
  }
  const ConfigFolder folder;
  const ReadConfig back = read_config({folder.write("sub/a.ini", text), {}, {}});
  EXPECT_EQ(back.config.train.batch, 3);
  for (const Option& option : options_table()) EXPECT_NE(back.origins.at(option.key), "default");
}

TEST(ConfigText, TheReferenceFileIsTheOneThatTheTableGives) {
  EXPECT_EQ(text_of(kConfigs / "reference.ini"), reference_ini())
      << "make it anew: charrnn_pipeline --reference-ini > configs/reference.ini";
}

TEST(ConfigText, TheReferenceFileSaysTheDefaults) {
  Config read = read_config({kConfigs / "reference.ini", {}, {{"run.directory", ""}}}).config;
  Config defaults = read_config({}).config;
  read.run.directory = defaults.run.directory;
  EXPECT_EQ(to_ini(read, "."), to_ini(defaults, "."));
}

TEST(ConfigText, EveryReadyConfigurationIsValid) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kConfigs)) {
    EXPECT_EQ(complaint({entry.path(), {}, {}}), "") << entry.path();
    ++files;
  }
  EXPECT_GE(files, 4);
}

TEST(ConfigText, TheLectureIsTheReferenceRun) {
  const Config config = read_config({kConfigs / "lecture.ini", {}, {}}).config;
  EXPECT_TRUE(config.corpus.files.empty());
  EXPECT_EQ(config.corpus.newlines, Newlines::kUniversal);
  EXPECT_EQ(config.corpus.validation_fraction, 0.1);
  EXPECT_EQ(config.model.hidden, 512);
  EXPECT_EQ(config.model.layers, 2);
  EXPECT_EQ(config.model.dropout, 0.5);
  EXPECT_EQ(config.train.batch, 128);
  EXPECT_EQ(config.train.sequence_length, 100);
  EXPECT_EQ(config.train.epochs, 20U);
  EXPECT_EQ(config.train.schedule.learning_rate, 0.001);
  EXPECT_EQ(config.train.clip, 5.0);
  EXPECT_EQ(config.validation.every_steps, 10U);
  EXPECT_EQ(config.generate.prompt, "Anna");
  EXPECT_EQ(config.generate.length, 1000U);
  EXPECT_EQ(config.generate.sampling.top_k, 5);
}

TEST(ConfigText, TinyNamesItsTextRelativeToItselfAndHasNoTimeLimit) {
  const Config config = read_config({kConfigs / "tiny.ini", {}, {}}).config;
  ASSERT_EQ(config.corpus.files.size(), 1U);
  EXPECT_TRUE(std::filesystem::is_regular_file(config.corpus.files[0])) << config.corpus.files[0];
  EXPECT_EQ(config.train.max_seconds, 0.0);
}

TEST(ConfigText, TheDemoEndsWithinThreeMinutes) {
  const Config config = read_config({kConfigs / "quickstart.ini", {}, {}}).config;
  EXPECT_GT(config.train.max_seconds, 0.0);
  EXPECT_LE(config.train.max_seconds, 180.0);
}

TEST(OptionsTable, HoldsEachKeyOnceInAKnownSectionWithAHelpLine) {
  std::set<std::string> known;
  for (const SectionInfo& section : sections()) known.insert(section.name);
  std::set<std::string> keys;
  for (const Option& option : options_table()) {
    EXPECT_TRUE(keys.insert(option.key).second) << option.key;
    EXPECT_TRUE(known.count(option.section())) << option.key;
    EXPECT_FALSE(option.help.empty()) << option.key;
    EXPECT_LE(option.help.size(), 98U) << option.key;
  }
}

}  // namespace
}  // namespace charrnn
