// A run whose checkpoint an earlier version wrote, in format 1, goes on as that version would have.
// tests/data/checkpoint_format_1 holds its checkpoint of step 20 and, in expected/, the tensors
// that it had at step 40 on a processor with AVX-512.
#include <gtest/gtest.h>

#include <cmath>

#include "base/json.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/safetensors.h"
#include "model/fused/kernel_choice.h"
#include "tests/pipeline/commands/program.h"
#include "tests/temporary_directory.h"

namespace charrnn {
namespace {

using Path = std::filesystem::path;

const Path kFixture = CHARRNN_SOURCE_DIR "/tests/data/checkpoint_format_1";

// Other instruction sets round their sums in another order.
bool rounds_as_expected() { return std::string_view(fastest_kernels().name).starts_with("avx512"); }

double largest_difference(const Path& one, const Path& other) {
  const auto tensors = read_safetensors(one);
  const auto others = read_safetensors(other);
  EXPECT_EQ(tensors.size(), others.size());
  double largest = 0.0;
  for (const auto& [name, tensor] : tensors) {
    const auto& values = others.at(name).values;
    for (std::size_t i = 0; i < values.size(); ++i) {
      largest = std::max(largest, std::abs(double{tensor.values[i]} - double{values[i]}));
    }
  }
  return largest;
}

class FormatOne : public testing::Test {
 protected:
  FormatOne() {
    std::filesystem::create_directories(checkpoints_);
    std::filesystem::copy(kFixture / "000000020", checkpoints_ / "000000020");
  }

  TemporaryDirectory temporary_;
  Path checkpoints_ = temporary_.path() / "run" / "checkpoints";
};

TEST_F(FormatOne, GoesOnToTheSameBitsInFormatTwo) {
  const Finished run = run_program({"train", "--config", (kFixture / "run.ini").string(),
                                    "--run.directory=" + (temporary_.path() / "run").string()});
  ASSERT_EQ(run.code, 0) << run.err;
  const Path end = checkpoints_ / "000000040";
  for (const char* file : {"model.safetensors", "optimizer.safetensors", "state.safetensors"}) {
    if (rounds_as_expected()) {
      EXPECT_EQ(read_file(end / file), read_file(kFixture / "expected" / file)) << file;
    }
    EXPECT_LT(largest_difference(end / file, kFixture / "expected" / file), 1e-4) << file;
  }
  EXPECT_NE(read_file(end / "MANIFEST.json").find("\"version\": 3"), std::string::npos);
  const auto state = parse_json(read_file(end / "state.json"), "state.json");
  EXPECT_EQ(state.at("epoch"), 2);
  EXPECT_EQ(state.at("next_batch"), 40);
  EXPECT_EQ(state.at("characters"), 40 * 4 * 16);
  EXPECT_EQ(state.at("optimizer").at("name"), "adam");
  EXPECT_EQ(state.at("optimizer").at("steps"), 40);
  EXPECT_EQ(state.at("schedule"), "constant");
  EXPECT_EQ(state.at("network").at("cell"), "lstm");
}

TEST_F(FormatOne, IsAModelToGenerateWith) {
  const Snapshot model = read_model(checkpoints_ / "000000020");
  EXPECT_EQ(model.step, 20U);
  EXPECT_EQ(model.network.hidden, 4);
  const Finished text = run_program({"generate", "--config", (kFixture / "run.ini").string(),
                                     "--run.directory=" + (temporary_.path() / "run").string(),
                                     "--generate.prompt=The", "--generate.length=20"});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_EQ(text.out.substr(0, 3), "The");
}

}  // namespace
}  // namespace charrnn
