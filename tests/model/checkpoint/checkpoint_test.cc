#include "model/checkpoint/checkpoint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "base/error.h"
#include "model/checkpoint/files.h"
#include "model/checkpoint/manifest.h"
#include "model/checkpoint/safetensors.h"
#include "tests/model/checkpoint/checkpoint_samples.h"

namespace charrnn {
namespace {

using Path = std::filesystem::path;

std::map<std::string, std::string> files_of(const Path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    files[entry.path().filename()] = read_bytes(entry.path());
  }
  return files;
}

std::vector<std::string> names_in(const Path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Replaces a file of a checkpoint and makes the manifest fit it again.
void replace_file(const Path& directory, const std::string& name, const std::string& bytes) {
  const Path file = directory / kManifestName;
  Manifest manifest = parse_manifest(read_bytes(file), "manifest");
  manifest.files[name] = record_of({bytes});
  write_bytes(directory / name, bytes);
  write_bytes(file, manifest_json(manifest));
}

void expect_refused(const Path& directory, const std::string& fault) {
  try {
    read_checkpoint(directory);
    FAIL() << "accepted, expected: " << fault;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kCheckpoint);
    EXPECT_NE(std::string(error.what()).find(fault), std::string::npos) << error.what();
  }
}

class CheckpointStoreTest : public testing::Test {
 protected:
  Path directory_of(std::uint64_t step) const {
    const std::string digits = std::to_string(step);
    return checkpoints_ / (std::string(9 - digits.size(), '0') + digits);
  }

  TemporaryDirectory temporary_;
  Path checkpoints_ = temporary_.path() / "run" / "checkpoints";
  CheckpointStore store_{checkpoints_};
};

TEST_F(CheckpointStoreTest, ReturnsWhatWasWrittenBitForBit) {
  for (const Checkpoint& written : {sample_checkpoint(139), sample_with_cut_off_validation(140)}) {
    EXPECT_TRUE(store_.write(written, 2).empty());
    const auto read = store_.newest();
    ASSERT_TRUE(read.has_value());
    EXPECT_TRUE(same(*read, written));
  }
}

TEST_F(CheckpointStoreTest, KeepsAPendingValidationThatOnlyHasToBeRecorded) {
  Checkpoint written = sample_checkpoint(7);
  written.pending_validation =
      PendingValidation{.step = 6, .loss = 0.1 + 0.2, .characters = 12'800, .weights = nullptr};
  written.progress.train_loss = std::nullopt;
  store_.write(written, 2);
  EXPECT_TRUE(same(store_.newest().value(), written));
}

TEST_F(CheckpointStoreTest, KeepsTheCellOfTheNetwork) {
  for (int kind = 0; kind < kCellKinds; ++kind) {
    Checkpoint written = sample_checkpoint(static_cast<std::uint64_t>(kind) + 1);
    NetworkShape network = written.state.network;
    network.cell = static_cast<CellKind>(kind);
    written.state = fresh_state(network, 2, initial_weights(network, 7));
    store_.write(written, 2);
    EXPECT_TRUE(same(store_.newest().value(), written)) << describe(network.cell).name;
    EXPECT_EQ(store_.newest_model()->network, network);
  }
}

TEST_F(CheckpointStoreTest, TheAverageOfTheWeightsIsTheModelAndBothComeBackBitForBit) {
  Checkpoint checkpoint = sample_checkpoint(139);
  checkpoint.state.optimizer.ema = 0.999;
  Weights average = checkpoint.state.weights;
  for (float& value : average) value *= 0.75F;
  checkpoint.state.slots.push_back({"ema", average});
  store_.write(checkpoint, 3);
  const auto back = store_.newest();
  ASSERT_TRUE(back);
  EXPECT_TRUE(same(*back, checkpoint));
  EXPECT_EQ(*store_.newest_model()->weights, average);
}

TEST_F(CheckpointStoreTest, HasTheNamesOfTheFormat) {
  store_.write(sample_checkpoint(139), 2);
  EXPECT_EQ(names_in(checkpoints_), std::vector<std::string>{"000000139"});
  EXPECT_EQ(names_in(directory_of(139)),
            (std::vector<std::string>{"MANIFEST.json", "config.ini", "model.safetensors",
                                      "optimizer.safetensors", "state.json", "state.safetensors",
                                      "timing.json", "vocabulary.json"}));
  store_.write(sample_with_cut_off_validation(140), 2);
  EXPECT_TRUE(std::filesystem::exists(directory_of(140) / "pending_validation.safetensors"));
}

TEST_F(CheckpointStoreTest, NamesTheTensorsAsPyTorchDoes) {
  store_.write(sample_checkpoint(1), 2);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : read_safetensors(directory_of(1) / "model.safetensors")) {
    names.push_back(name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{
                       "fc.bias", "fc.weight", "lstm.bias_hh_l0", "lstm.bias_hh_l1",
                       "lstm.bias_ih_l0", "lstm.bias_ih_l1", "lstm.weight_hh_l0",
                       "lstm.weight_hh_l1", "lstm.weight_ih_l0", "lstm.weight_ih_l1"}));
  const auto moments = read_safetensors(directory_of(1) / "optimizer.safetensors");
  EXPECT_EQ(moments.size(), 20U);
  EXPECT_EQ(moments.at("exp_avg.fc.weight").shape, (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(moments.at("exp_avg_sq.lstm.weight_ih_l0").shape, (std::vector<std::int64_t>{8, 3}));
  const auto state = read_safetensors(directory_of(1) / "state.safetensors");
  EXPECT_EQ(state.at("hidden").shape, (std::vector<std::int64_t>{2, 2, 2}));
  EXPECT_EQ(state.at("cell").shape, (std::vector<std::int64_t>{2, 2, 2}));
}

TEST_F(CheckpointStoreTest, EqualStatesGiveEqualBytesWhateverTheTimeAndPlace) {
  Checkpoint later = sample_with_cut_off_validation(5);
  later.progress.seconds = 99.5;
  const CheckpointStore elsewhere(temporary_.path() / "elsewhere");
  store_.write(sample_with_cut_off_validation(5), 2);
  elsewhere.write(later, 2);
  auto one = files_of(directory_of(5));
  auto other = files_of(temporary_.path() / "elsewhere" / "000000005");
  EXPECT_NE(one["timing.json"], other["timing.json"]);
  for (const char* name : {"timing.json", "MANIFEST.json"}) {
    one.erase(name);
    other.erase(name);
  }
  EXPECT_EQ(one.size(), 7U);
  EXPECT_EQ(one, other);
}

TEST_F(CheckpointStoreTest, HasNothingBeforeTheFirstWrite) {
  EXPECT_EQ(store_.newest(), std::nullopt);
  EXPECT_FALSE(store_.newest_model().has_value());
  EXPECT_TRUE(store_.steps().empty());
  EXPECT_NO_THROW(store_.remove_leftovers());
}

TEST_F(CheckpointStoreTest, KeepsTheNewestAndNeverFewerThanTwo) {
  for (std::uint64_t step = 1; step <= 6; ++step) store_.write(sample_checkpoint(step), 3);
  EXPECT_EQ(store_.steps(), (std::vector<std::uint64_t>{4, 5, 6}));
  store_.write(sample_checkpoint(7), 0);
  EXPECT_EQ(store_.steps(), (std::vector<std::uint64_t>{6, 7}));
}

TEST_F(CheckpointStoreTest, KeepsTheBestBesideTheNewestAndTakesAnotherWhenItIsDamaged) {
  const auto write = [&](std::uint64_t step, std::optional<double> loss) {
    Checkpoint checkpoint = sample_checkpoint(step);
    checkpoint.progress.validation_loss = loss;
    EXPECT_TRUE(store_.write(checkpoint, 2, /*keep_best=*/true).empty());
  };
  write(1, 2.5);
  write(2, 1.5);
  write(3, 1.5);  // equal: the older is better
  write(4, std::nullopt);
  write(5, 1.75);
  EXPECT_EQ(store_.steps(), (std::vector<std::uint64_t>{2, 4, 5}));
  EXPECT_EQ(store_.steps_by_loss(), (std::vector<std::uint64_t>{5, 2}));
  EXPECT_EQ(store_.best_model()->step, 2U);
  EXPECT_EQ(store_.best_model()->validation_loss, 1.5);
  write_bytes(directory_of(2) / "model.safetensors", "damaged");
  std::vector<std::string> warnings;
  EXPECT_EQ(store_.best_model(&warnings)->step, 5U);
  EXPECT_EQ(warnings.size(), 1U);
  write(6, 3.0);
  write(7, 3.0);
  EXPECT_EQ(store_.steps(), (std::vector<std::uint64_t>{5, 6, 7}));
}

TEST_F(CheckpointStoreTest, ThereIsNoBestOneWhereNoneWasValidated) {
  Checkpoint checkpoint = sample_checkpoint(1);
  checkpoint.progress.validation_loss.reset();
  store_.write(checkpoint, 2);
  EXPECT_FALSE(store_.best_model());
}

TEST_F(CheckpointStoreTest, PruningCountsGoodOnesOnly) {
  for (std::uint64_t step = 1; step <= 3; ++step) store_.write(sample_checkpoint(step), 3);
  write_bytes(directory_of(3) / "config.ini", "damaged");
  store_.write(sample_checkpoint(4), 2);
  EXPECT_EQ(store_.steps(), (std::vector<std::uint64_t>{2, 3, 4}));
  store_.write(sample_checkpoint(5), 2);
  EXPECT_EQ(store_.steps(), (std::vector<std::uint64_t>{4, 5}));
}

TEST_F(CheckpointStoreTest, OrdersByNumberAlsoBeyondNineDigits) {
  store_.write(sample_checkpoint(999'999'999), 2);
  store_.write(sample_checkpoint(1'000'000'000), 2);
  EXPECT_EQ(store_.newest()->progress.step, 1'000'000'000U);
  EXPECT_TRUE(std::filesystem::exists(checkpoints_ / "1000000000"));
}

TEST_F(CheckpointStoreTest, IgnoresAndRemovesLeftovers) {
  store_.write(sample_checkpoint(1), 2);
  for (const char* name : {"000000002.tmp", "000000001.old.tmp", "notes", "2", "0000000003"}) {
    std::filesystem::create_directory(checkpoints_ / name);
    write_bytes(checkpoints_ / name / "model.safetensors", "x");
  }
  EXPECT_EQ(store_.steps(), std::vector<std::uint64_t>{1});
  store_.remove_leftovers();
  EXPECT_EQ(names_in(checkpoints_),
            (std::vector<std::string>{"0000000003", "000000001", "2", "notes"}));
}

TEST_F(CheckpointStoreTest, WritesOverALeftoverOfTheSameStep) {
  std::filesystem::create_directories(checkpoints_ / "000000002.tmp");
  write_bytes(checkpoints_ / "000000002.tmp" / "model.safetensors", "x");
  store_.write(sample_checkpoint(2), 2);
  EXPECT_EQ(names_in(checkpoints_), std::vector<std::string>{"000000002"});
}

TEST_F(CheckpointStoreTest, ReplacesACheckpointOfTheSameStep) {
  store_.write(sample_with_cut_off_validation(3), 2);
  store_.write(sample_checkpoint(3), 2);
  EXPECT_EQ(names_in(checkpoints_), std::vector<std::string>{"000000003"});
  EXPECT_TRUE(same(store_.newest().value(), sample_checkpoint(3)));
}

TEST_F(CheckpointStoreTest, LeavesAnEqualCheckpointOfTheSameStepAlone) {
  store_.write(sample_checkpoint(3), 2);
  const auto before = std::filesystem::last_write_time(directory_of(3) / "model.safetensors");
  Checkpoint later = sample_checkpoint(3);
  later.progress.seconds += 1.0;
  store_.write(later, 2);
  EXPECT_EQ(std::filesystem::last_write_time(directory_of(3) / "model.safetensors"), before);
  EXPECT_EQ(store_.newest()->progress.seconds, sample_checkpoint(3).progress.seconds);
}

TEST_F(CheckpointStoreTest, RepairsADamagedCheckpointOfTheSameStep) {
  store_.write(sample_checkpoint(3), 2);
  write_bytes(directory_of(3) / "model.safetensors", "damaged");
  store_.write(sample_checkpoint(3), 2);
  EXPECT_TRUE(same(store_.newest().value(), sample_checkpoint(3)));
}

TEST_F(CheckpointStoreTest, PassesOverDamagedOnesAndTellsWhich) {
  for (std::uint64_t step = 1; step <= 3; ++step) store_.write(sample_checkpoint(step), 3);
  write_bytes(directory_of(3) / "optimizer.safetensors", "damaged");
  std::filesystem::remove(directory_of(2) / "MANIFEST.json");
  std::vector<std::string> warnings;
  EXPECT_EQ(store_.newest(&warnings)->progress.step, 1U);
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_NE(warnings[0].find("000000003"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[0].find("optimizer.safetensors"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[1].find("000000002"), std::string::npos) << warnings[1];
}

TEST_F(CheckpointStoreTest, FailsWhenThereAreSomeButNoneIsUsable) {
  store_.write(sample_checkpoint(1), 2);
  write_bytes(directory_of(1) / "state.json", "{}");
  try {
    store_.newest();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kCheckpoint);
    EXPECT_NE(std::string(error.what()).find("state.json"), std::string::npos) << error.what();
  }
}

TEST_F(CheckpointStoreTest, AModelNeedsNeitherOptimiserNorCarriedState) {
  store_.write(sample_checkpoint(4), 2);
  for (const char* name : {"optimizer.safetensors", "state.safetensors", "config.ini"}) {
    std::filesystem::remove(directory_of(4) / name);
  }
  const Snapshot model = store_.newest_model().value();
  const Checkpoint written = sample_checkpoint(4);
  EXPECT_EQ(model.step, 4U);
  EXPECT_EQ(model.network, written.state.network);
  EXPECT_EQ(*model.weights, written.state.weights);
  EXPECT_EQ(*model.vocabulary, written.vocabulary);
  EXPECT_EQ(model.train_loss, written.progress.train_loss);
  EXPECT_THROW(store_.newest(), Error);
}

TEST_F(CheckpointStoreTest, ADirectoryUnderAnotherStepsNameIsRefusedByTheStoreOnly) {
  store_.write(sample_checkpoint(4), 2);
  std::filesystem::rename(directory_of(4), directory_of(5));
  EXPECT_THROW(store_.newest(), Error);
  EXPECT_EQ(read_checkpoint(directory_of(5)).progress.step, 4U);
  std::filesystem::rename(directory_of(5), temporary_.path() / "mine");
  EXPECT_EQ(read_model(temporary_.path() / "mine").step, 4U);
}

TEST_F(CheckpointStoreTest, AManifestMustListTheFilesOfACheckpointAndNoOthers) {
  const auto with_manifest = [&](const std::function<void(Manifest&)>& change,
                                 const std::string& fault) {
    store_.write(sample_checkpoint(1), 2);
    const Path file = directory_of(1) / "MANIFEST.json";
    Manifest manifest = parse_manifest(read_bytes(file), "manifest");
    change(manifest);
    write_bytes(file, manifest_json(manifest));
    expect_refused(directory_of(1), fault);
  };
  with_manifest([](Manifest& m) { m.files.erase("state.json"); }, "does not list state.json");
  with_manifest([](Manifest& m) { m.files.erase("timing.json"); }, "does not list timing.json");
  with_manifest([](Manifest& m) { m.files["../secret"] = {}; }, "does not belong");
  with_manifest([](Manifest& m) { m.files["MANIFEST.json"] = {}; }, "does not belong");
  with_manifest([](Manifest& m) { m.files["pending_validation.safetensors"] = {}; },
                "do not agree");
  with_manifest([](Manifest& m) { m.step = 2; }, "different steps");
  with_manifest([](Manifest& m) { m.files["model.safetensors"].size += 1; }, "damaged");
  with_manifest([](Manifest& m) { m.files["model.safetensors"].size -= 1; }, "more than");
}

TEST_F(CheckpointStoreTest, ACheckpointInFormat2HasNoValidationLossAndAllElse) {
  Checkpoint written = sample_checkpoint(1);
  written.progress.validation_loss.reset();
  written.changes.clear();
  store_.write(written, 2);
  const Path folder = directory_of(1);
  std::string state = read_bytes(folder / "state.json");
  for (const std::string later : {"  \"validation_loss\": null,\n", ",\n  \"changes\": []"}) {
    ASSERT_NE(state.find(later), std::string::npos) << state;
    state.erase(state.find(later), later.size());
  }
  write_bytes(folder / "state.json", state);
  Manifest manifest = parse_manifest(read_bytes(folder / "MANIFEST.json"), "");
  manifest.format = 2;
  manifest.files["state.json"] = record_of({state});
  write_bytes(folder / "MANIFEST.json", manifest_json(manifest));
  EXPECT_TRUE(same(read_checkpoint(folder), written));
  EXPECT_FALSE(read_validation_loss(folder));
}

TEST_F(CheckpointStoreTest, AManifestOfANewerFormatSaysSo) {
  store_.write(sample_checkpoint(1), 2);
  const Path file = directory_of(1) / "MANIFEST.json";
  std::string text = read_bytes(file);
  text.replace(text.find("\"version\": 3"), 12, "\"version\": 4");
  write_bytes(file, text);
  expect_refused(directory_of(1), "format version 4; this program reads versions 1 to 3");
}

TEST_F(CheckpointStoreTest, RefusesStatesThatLieAlthoughTheirChecksumsFit) {
  const auto with_state = [&](const std::string& from, const std::string& to,
                              const std::string& fault) {
    store_.write(sample_checkpoint(1), 2);
    std::string text = read_bytes(directory_of(1) / "state.json");
    ASSERT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
    replace_file(directory_of(1), "state.json", text);
    expect_refused(directory_of(1), fault);
  };
  with_state("\"step\": 1,", "\"step\": 2,", "different steps");
  with_state("\"step\": 1,", "\"step\": -1,", "not negative");
  with_state("\"step\": 1,", "\"step\": 1.0,", "whole number");
  with_state("\"step\": 1,", "\"step\": 1, \"step\": 1,", "stands twice");
  with_state("\"step\": 1,", "", "\"step\" is missing");
  with_state("\"step\": 1,", "\"step\": 1, \"more\": 1,", "do not belong");
  with_state("\"learning_rate\": 0.001", "\"learning_rate\": NaN", "not valid JSON");
  with_state("\"learning_rate\": 0.001", "\"learning_rate\": 1e300", "out of range");
  with_state("\"learning_rate\": 0.001", "\"learning_rate\": -1", "out of range");
  with_state("\"hidden\": 2", "\"hidden\": 3", "[8, 3], this network needs [12, 3]");
  with_state("\"hidden\": 2", "\"hidden\": 1", "[8, 3], this network needs [4, 3]");
  with_state("\"hidden\": 2", "\"hidden\": 0", "extent of 0");
  with_state("\"hidden\": 2", "\"hidden\": 65536", "too small for this network");
  with_state("\"hidden\": 2", "\"hidden\": 1000000000", "at most");
  with_state("\"epoch\": 1,", "\"epoch\": 0,", "epochs count from 1");
  with_state("\"name\": \"adam\"", "\"name\": \"lion\"", "no optimiser called \"lion\"");
  with_state("\"cell\": \"lstm\"", "\"cell\": \"abacus\"", "no cell called \"abacus\"");
  with_state("\"cell\": \"lstm\"", "\"cell\": \"gru\"", "has no tensor gru.weight_ih_l0");
  with_state("\"schedule\": \"constant\"", "\"schedule\": \"zigzag\"",
             "no schedule called \"zigzag\"");
  with_state("\"next_batch\": 1", "\"next_sequence\": 1", "\"next_batch\" is missing");
  with_state("\"vocabulary\": 3", "\"vocabulary\": 4", "another size");
  with_state("\"rows\": 2", "\"rows\": 4", "[2, 2, 2], this network needs [2, 4, 2]");
  with_state("\"rows\": 2", "\"rows\": 16777216", "too small for this network");
  with_state("philox4x32-10", "mt19937", "another random generator");
  with_state("\"pending_validation\": null",
             R"("pending_validation": {"step": 1, "loss": null, "characters": 0})", "do not agree");
  with_state("\"corpus_fingerprint\": \"f00d\"", "\"corpus_fingerprint\": \"\xff\"",
             "not valid JSON");
}

TEST_F(CheckpointStoreTest, RefusesTensorsOfAnotherNetworkAlthoughTheirChecksumsFit) {
  const std::vector<float> values(1024);
  const auto with_tensors = [&](const std::function<void(std::vector<TensorView>&)>& change,
                                const std::string& fault) {
    store_.write(sample_checkpoint(1), 2);
    std::vector<TensorView> tensors;
    for (const TensorSpec& tensor : parameter_layout({.vocabulary = 3, .hidden = 2, .layers = 2})) {
      tensors.push_back({tensor.name, tensor.shape, std::span(values).first(tensor.size)});
    }
    change(tensors);
    replace_file(directory_of(1), "model.safetensors", safetensors_bytes(tensors));
    expect_refused(directory_of(1), fault);
  };
  with_tensors([](auto& t) { t.back().name = "fc.other"; }, "has no tensor fc.bias");
  with_tensors([](auto& t) { std::swap(t.back().name, t.front().name); }, "this network needs");
  with_tensors(
      [](auto& t) {
        t[t.size() - 2].shape = {2, 3};
      },
      "[2, 3], this network needs [3, 2]");
  with_tensors(
      [&](auto& t) {
        t.push_back({"extra", {1}, std::span(values).first(1)});
      },
      "extra does not belong");
}

TEST_F(CheckpointStoreTest, RefusesWhatCannotBeACheckpointBeforeWriting) {
  Checkpoint wrong = sample_checkpoint(1);
  wrong.state.slots[0].values.pop_back();
  EXPECT_THROW(store_.write(wrong, 2), Error);
  wrong = sample_checkpoint(1);
  std::swap(wrong.state.slots[0], wrong.state.slots[1]);
  EXPECT_THROW(store_.write(wrong, 2), Error);
  wrong = sample_checkpoint(1);
  wrong.vocabulary = Vocabulary({U'a'}, {1});
  EXPECT_THROW(store_.write(wrong, 2), Error);
  wrong = sample_checkpoint(1);
  wrong.pending_validation = PendingValidation{};
  EXPECT_THROW(store_.write(wrong, 2), Error);
  EXPECT_TRUE(store_.steps().empty());
}

TEST_F(CheckpointStoreTest, SaysWhereItCannotWrite) {
  write_bytes(temporary_.path() / "run", "a file where a directory should be");
  try {
    store_.write(sample_checkpoint(1), 2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_NE(std::string(error.what()).find((temporary_.path() / "run").string()),
              std::string::npos)
        << error.what();
  }
}

TEST_F(CheckpointStoreTest, InitialWeightsMustFitTheNetwork) {
  store_.write(sample_checkpoint(1), 2);
  const Path file = directory_of(1) / "model.safetensors";
  EXPECT_EQ(read_weights(file, {.vocabulary = 3, .hidden = 2, .layers = 2}),
            sample_checkpoint(1).state.weights);
  EXPECT_THROW(read_weights(file, {.vocabulary = 4, .hidden = 2, .layers = 2}), Error);
  EXPECT_THROW(read_weights(file, {.vocabulary = 3, .hidden = 2, .layers = 1}), Error);
  EXPECT_THROW(read_weights(file, {.vocabulary = 3, .hidden = 2, .layers = 3}), Error);
}

TEST_F(CheckpointStoreTest, ANumberThatIsNotFiniteIsRefusedWithItsTensorAndAnOlderOneIsTaken) {
  store_.write(sample_checkpoint(1), 2);
  for (const float wrong : {std::numeric_limits<float>::quiet_NaN(), -INFINITY}) {
    Checkpoint checkpoint = sample_checkpoint(2);
    checkpoint.state.weights.back() = wrong;
    store_.write(checkpoint, 2);
    std::vector<std::string> warnings;
    EXPECT_EQ(store_.newest(&warnings)->progress.step, 1U);
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings[0].find("tensor fc.bias holds NaN"), std::string::npos) << warnings[0];
    EXPECT_THROW(read_weights(directory_of(2) / "model.safetensors",
                              {.vocabulary = 3, .hidden = 2, .layers = 2}),
                 Error);
  }
}

TEST(Manifest, TellsTheDigestThatXxhsumPrints) {
  // `printf abc | xxhsum -H2`; pieces are read as one text.
  EXPECT_EQ(record_of({"a", "", "bc"}).digest, "06b05ab6733a618578af5f94892f3950");
  EXPECT_EQ(record_of({"abc"}), record_of({"ab", "c"}));
  EXPECT_EQ(record_of({"abc"}).size, 3U);
}

}  // namespace
}  // namespace charrnn
