#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/safetensors.h"
#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// A run of one step over a text with an emoji, a quote and a newline.
class ExportCommand : public ::testing::Test {
 protected:
  ExportCommand() {
    std::ofstream text(directory.path() / "text.txt");
    for (int i = 0; i < 300; ++i) text << "a \"b\"\\ \xF0\x9F\x98\x80 c\r\n";
    text.close();
    const Finished done = run_program(
        {"train", "--run.directory=" + run.string(), "--model.hidden=16", "--train.max_steps=1",
         "--train.batch=2", "--train.sequence_length=10", "--model.layers=1",
         "--corpus.files=" + (directory.path() / "text.txt").string(),
         "--corpus.cache_directory=" + (directory.path() / "cache").string()});
    EXPECT_EQ(done.code, 0) << done.err;
  }

  Finished export_to(const fs::path& folder) const {
    return run_program(
        {"export", "--run.directory=" + run.string(), "--export.directory=" + folder.string()});
  }

  TemporaryDirectory directory;
  const fs::path run = directory.path() / "run";
  const fs::path out = directory.path() / "out" / "model";
};

TEST_F(ExportCommand, WritesTheWeightsTheTokensAndTheSizesOfTheNewestCheckpoint) {
  const Finished done = export_to(out);
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.err.find("exported step 1"), std::string::npos) << done.err;
  EXPECT_EQ(done.out, "");
  const auto exported = read_safetensors(out / "model.safetensors");
  const auto saved = read_safetensors(run / "checkpoints" / "000000001" / "model.safetensors");
  ASSERT_EQ(exported.size(), saved.size());
  for (const auto& [name, tensor] : saved) {
    EXPECT_EQ(exported.at(name).shape, tensor.shape) << name;
    EXPECT_EQ(exported.at(name).values, tensor.values) << name;
  }
  const json::value config = json::parse(read_file(out / "config.json"));
  EXPECT_EQ(config.at("cell"), "lstm");
  EXPECT_EQ(config.at("hidden_size"), 16);
  EXPECT_EQ(config.at("num_hidden_layers"), 1);
  const json::value tokenizer = json::parse(read_file(out / "tokenizer.json"));
  const json::object& tokens = tokenizer.at("model").at("vocab").as_object();
  EXPECT_EQ(tokens.size(), 8u);
  EXPECT_EQ(tokens.at("\n"), 0);
  EXPECT_EQ(tokens.at("\xF0\x9F\x98\x80"), 7);
  EXPECT_EQ(config.at("vocab_size"), 8);
  EXPECT_NE(read_file(out / "charrnn.py").find("class CharRNN"), std::string::npos);
}

TEST_F(ExportCommand, OverwritesNothing) {
  ASSERT_EQ(export_to(out).code, 0);
  const Finished again = export_to(out);
  EXPECT_EQ(again.code, 3);
  EXPECT_NE(again.err.find("is not an empty folder"), std::string::npos) << again.err;
  const Finished onto_file = export_to(directory.path() / "text.txt");
  EXPECT_EQ(onto_file.code, 3);
  EXPECT_GT(fs::file_size(directory.path() / "text.txt"), 0u);
}

TEST_F(ExportCommand, SaysWhatIsMissing) {
  const Finished nowhere = run_program({"export", "--run.directory=" + run.string()});
  EXPECT_EQ(nowhere.code, 3);
  EXPECT_NE(nowhere.err.find("add --export.directory=FOLDER"), std::string::npos) << nowhere.err;
  const Finished no_run = run_program({"export", "--run.directory=" + (run / "none").string(),
                                       "--export.directory=" + out.string()});
  EXPECT_EQ(no_run.code, 7);
  EXPECT_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace charrnn
