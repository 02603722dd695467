#include "tests/model/checkpoint/checkpoint_samples.h"

#include <stdlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/counter_rng.h"

namespace charrnn {
namespace {

std::vector<float> random_floats(std::uint64_t seed, std::size_t size) {
  std::vector<float> floats(size);
  for (std::size_t i = 0; i < size; ++i) {
    floats[i] = static_cast<float>(uniform53(seed, i, 0)) - 0.5F;
  }
  return floats;
}

bool same_bits(const std::vector<float>& one, const std::vector<float>& other) {
  return one.size() == other.size() &&
         std::memcmp(one.data(), other.data(), one.size() * sizeof(float)) == 0;
}

bool same_numbers(const std::optional<double>& one, const std::optional<double>& other) {
  return one.has_value() == other.has_value() &&
         (!one || std::bit_cast<std::uint64_t>(*one) == std::bit_cast<std::uint64_t>(*other));
}

bool same_pending(const std::optional<PendingValidation>& one,
                  const std::optional<PendingValidation>& other) {
  if (one.has_value() != other.has_value()) return false;
  if (!one) return true;
  if ((one->weights == nullptr) != (other->weights == nullptr)) return false;
  return one->step == other->step && same_numbers(one->loss, other->loss) &&
         one->characters == other->characters &&
         (!one->weights || same_bits(*one->weights, *other->weights));
}

bool same_slots(const std::vector<OptimizerSlot>& one, const std::vector<OptimizerSlot>& other) {
  return std::ranges::equal(one, other, [](const OptimizerSlot& a, const OptimizerSlot& b) {
    return a.name == b.name && same_bits(a.values, b.values);
  });
}

bool same_tensor(const CarriedTensor& one, const CarriedTensor& other) {
  return one.name == other.name && same_bits(one.values, other.values);
}

bool same_state(const TrainState& one, const TrainState& other) {
  return one.network == other.network && one.rows == other.rows && one.steps == other.steps &&
         one.digest == other.digest && same_bits(one.weights, other.weights) &&
         one.optimizer == other.optimizer && same_slots(one.slots, other.slots) &&
         std::ranges::equal(one.carried, other.carried, same_tensor);
}

}  // namespace

Checkpoint sample_checkpoint(std::uint64_t step) {
  const NetworkShape network{.vocabulary = 3, .hidden = 2, .layers = 2};
  Checkpoint checkpoint;
  checkpoint.state = fresh_state(network, 2, random_floats(step, parameter_count(network)));
  checkpoint.state.steps = step;
  checkpoint.state.slots[0].values = random_floats(step + 1, parameter_count(network));
  checkpoint.state.slots[1].values = random_floats(step + 2, parameter_count(network));
  checkpoint.state.carried = {{"hidden", random_floats(step + 3, 8)},
                              {"cell", random_floats(step + 4, 8)}};
  checkpoint.state.digest = "00112233445566778899aabbccddeeff";
  checkpoint.progress.step = step;
  checkpoint.progress.epoch = 1 + step / 10;
  checkpoint.progress.next_batch = step;
  checkpoint.progress.characters = step * 20;
  checkpoint.progress.train_loss = 1.0 / static_cast<double>(step + 3);
  checkpoint.progress.validation_loss = 1.0 / static_cast<double>(step + 7);
  checkpoint.progress.seconds = static_cast<double>(step) * 0.1;
  checkpoint.seed = 0xFFFFFFFFFFFFFFFF - step;
  checkpoint.progress.learning_rate = 0.001F;
  checkpoint.dropout = 0.1F;
  checkpoint.corpus_fingerprint = "f00d";
  checkpoint.config = "[model]\nhidden = 2\n";
  checkpoint.changes = {"after step 1: train.batch was 4 and is 2"};
  checkpoint.vocabulary = Vocabulary({U'a', U'\u00e4', U'\U0001F600'}, {5, 3, 1});
  return checkpoint;
}

Checkpoint sample_with_cut_off_validation(std::uint64_t step) {
  Checkpoint checkpoint = sample_checkpoint(step);
  checkpoint.pending_validation =
      PendingValidation{.step = step - 1,
                        .loss = std::nullopt,
                        .characters = 0,
                        .weights = std::make_shared<const Weights>(
                            random_floats(step + 5, parameter_count(checkpoint.state.network)))};
  return checkpoint;
}

bool same(const Checkpoint& one, const Checkpoint& other) {
  return same_state(one.state, other.state) && one.progress.step == other.progress.step &&
         one.progress.epoch == other.progress.epoch &&
         one.progress.next_batch == other.progress.next_batch &&
         one.progress.characters == other.progress.characters &&
         same_numbers(one.progress.train_loss, other.progress.train_loss) &&
         same_numbers(one.progress.validation_loss, other.progress.validation_loss) &&
         one.progress.seconds == other.progress.seconds && one.seed == other.seed &&
         one.progress.learning_rate == other.progress.learning_rate &&
         one.dropout == other.dropout && one.corpus_fingerprint == other.corpus_fingerprint &&
         one.schedule == other.schedule && one.changes == other.changes &&
         one.config == other.config && one.vocabulary == other.vocabulary &&
         one.vocabulary.counts() == other.vocabulary.counts() &&
         same_pending(one.pending_validation, other.pending_validation);
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "charrnn-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace charrnn
