#include <chrono>
#include <cstring>
#include <map>

#include "base/durable_files.h"
#include "base/error.h"
#include "base/json.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/files.h"
#include "model/checkpoint/manifest.h"
#include "model/checkpoint/safetensors.h"

namespace charrnn {
namespace {

using Path = std::filesystem::path;

// What a file of text may have at most: far more than any that is written.
constexpr std::uint64_t kLongestText = 1 << 24;
constexpr std::uint64_t kLongestTensorHeader = 1 << 20;

[[noreturn]] void fail(const std::string& origin, const std::string& fault) {
  throw Error(ErrorKind::kCheckpoint, origin + ": " + fault);
}

// A tensor that a file must hold, and where its values go.
struct Expected {
  std::string name;
  std::vector<std::int64_t> shape;
  std::span<float> values;
};

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t extent : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(extent);
  }
  return text + "]";
}

// Copies the tensors of a file to where they are expected: those, and no others.
void load_tensors(std::string_view bytes, const std::string& origin,
                  const std::vector<Expected>& expected) {
  std::map<std::string, TensorPlace> places;
  for (TensorPlace& place : safetensors_index(bytes, origin)) places[place.name] = place;
  for (const Expected& tensor : expected) {
    const auto found = places.find(tensor.name);
    if (found == places.end()) fail(origin, "has no tensor " + tensor.name);
    const TensorPlace& place = found->second;
    if (place.shape != tensor.shape) {
      fail(origin, "tensor " + tensor.name + " is " + shape_text(place.shape) +
                       ", this network needs " + shape_text(tensor.shape));
    }
    std::memcpy(tensor.values.data(), bytes.data() + place.begin, place.size);
    if (!all_finite(tensor.values)) {
      fail(origin, "tensor " + tensor.name + " holds NaN or an infinite number");
    }
    places.erase(found);
  }
  if (!places.empty()) {
    fail(origin, "tensor " + places.begin()->first + " does not belong to this network");
  }
}

void expect_parameters(const NetworkShape& shape, const std::string& prefix, Weights& values,
                       std::vector<Expected>& expected) {
  values.resize(parameter_count(shape));
  for (TensorSpec& tensor : parameter_layout(shape)) {
    expected.push_back({prefix + tensor.name, std::move(tensor.shape),
                        std::span(values).subspan(tensor.offset, tensor.size)});
  }
}

// One checkpoint directory, its manifest read and checked.
class Directory {
 public:
  Directory(FileOps& ops, Path path)
      : ops_(ops), path_(std::move(path)), manifest_(read_manifest(ops_, path_)) {}

  std::string origin(std::string_view name) const { return (path_ / name).string(); }
  bool lists(std::string_view name) const { return manifest_.files.contains(std::string(name)); }

  std::string text(std::string_view name) const {
    return read_verified(ops_, path_, manifest_, std::string(name), kLongestText);
  }

  void load(std::string_view name, const std::vector<Expected>& expected) const {
    std::uint64_t limit = kLongestTensorHeader;
    for (const Expected& tensor : expected) limit += tensor.values.size_bytes();
    const std::string bytes = read_verified(ops_, path_, manifest_, std::string(name), limit);
    load_tensors(bytes, origin(name), expected);
  }

  // Before memory is taken for what state.json claims to be there.
  void require_values(std::string_view name, std::uint64_t count) const {
    const auto record = manifest_.files.find(std::string(name));
    if (record == manifest_.files.end() || record->second.size / sizeof(float) < count) {
      fail(origin(name), "is too small for this network");
    }
  }

  Weights weights(std::string_view name, const NetworkShape& shape) const {
    require_values(name, parameter_count(shape));
    Weights weights;
    std::vector<Expected> expected;
    expect_parameters(shape, "", weights, expected);
    load(name, expected);
    return weights;
  }

  // All that state.json tells.
  Checkpoint state() const {
    Checkpoint checkpoint;
    parse_state_json(text(kStateFile), manifest_.format, origin(kStateFile), checkpoint);
    if (checkpoint.progress.step != manifest_.step) {
      fail(path_.string(), "manifest and state.json tell different steps");
    }
    return checkpoint;
  }

  // All that state.json, vocabulary.json and model.safetensors tell.
  Checkpoint model() const {
    Checkpoint checkpoint = state();
    const bool cut_off =
        checkpoint.pending_validation && !checkpoint.pending_validation->loss.has_value();
    if (cut_off != lists(kPendingValidationFile)) {
      fail(path_.string(), "state.json and the weights of a pending validation do not agree");
    }
    checkpoint.vocabulary = Vocabulary::from_json(text(kVocabularyFile));
    const NetworkShape& shape = checkpoint.state.network;
    if (checkpoint.vocabulary.size() != static_cast<std::size_t>(shape.vocabulary)) {
      fail(path_.string(), "the vocabulary has another size than the network's");
    }
    checkpoint.state.weights = weights(kModelFile, shape);
    return checkpoint;
  }

 private:
  FileOps& ops_;
  Path path_;
  Manifest manifest_;
};

// Behind model(), which has read the model as the weights.
void load_optimizer(const Directory& directory, TrainState& state) {
  const std::size_t parameters = parameter_count(state.network);
  const std::size_t slots = slot_names(state.optimizer).size();
  directory.require_values(kOptimizerFile, slots * parameters);
  state.slots = zero_slots(state.optimizer, parameters);
  std::vector<Expected> expected;
  for (OptimizerSlot& slot : state.slots) {
    expect_parameters(state.network, slot_prefix(slot), slot.values, expected);
  }
  directory.load(kOptimizerFile, expected);
  if (state.optimizer.ema > 0.0) std::swap(state.weights, state.slots.back().values);
}

void load_carried(const Directory& directory, TrainState& state) {
  const std::vector<std::int64_t> shape{state.network.layers, state.rows, state.network.hidden};
  const auto size = static_cast<std::size_t>(shape[0] * shape[1] * shape[2]);
  const auto states = static_cast<std::size_t>(describe(state.network.cell).state_count());
  directory.require_values(kStateTensorsFile, states * size);
  state.carried = zero_carried(state.network, state.rows);
  std::vector<Expected> expected;
  for (CarriedTensor& tensor : state.carried) {
    expected.push_back({tensor.name, shape, tensor.values});
  }
  directory.load(kStateTensorsFile, expected);
}

// When a file was written, in seconds since 1970.
std::optional<std::int64_t> time_of(const Path& file) {
  std::error_code error;
  const auto written = std::filesystem::last_write_time(file, error);
  if (error) return std::nullopt;
  const auto since = std::chrono::file_clock::to_sys(written).time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

double parse_seconds(const Directory& directory) {
  const auto value = parse_json(directory.text(kTimingFile), directory.origin(kTimingFile));
  JsonFields fields(value, directory.origin(kTimingFile));
  const double seconds = fields.number("seconds");
  fields.finish();
  return seconds;
}

}  // namespace

Checkpoint read_checkpoint(const Path& directory, FileOps& ops) {
  const Directory files(ops, directory);
  Checkpoint checkpoint = files.model();
  load_optimizer(files, checkpoint.state);
  load_carried(files, checkpoint.state);
  checkpoint.progress.seconds = parse_seconds(files);
  checkpoint.config = files.text(kConfigFile);
  if (files.lists(kPendingValidationFile)) {
    checkpoint.pending_validation->weights = std::make_shared<const Weights>(
        files.weights(kPendingValidationFile, checkpoint.state.network));
  }
  return checkpoint;
}

Snapshot read_model(const Path& directory, FileOps& ops) {
  Checkpoint checkpoint = Directory(ops, directory).model();
  return {.step = checkpoint.progress.step,
          .network = checkpoint.state.network,
          .weights = std::make_shared<const Weights>(std::move(checkpoint.state.weights)),
          .vocabulary = std::make_shared<const Vocabulary>(std::move(checkpoint.vocabulary)),
          .train_loss = checkpoint.progress.train_loss,
          .validation_loss = checkpoint.progress.validation_loss,
          .epoch = checkpoint.progress.epoch,
          .characters = checkpoint.progress.characters,
          .created = time_of(directory / kManifestName)};
}

std::optional<double> read_validation_loss(const Path& directory, FileOps& ops) {
  return Directory(ops, directory).state().progress.validation_loss;
}

Weights read_weights(const Path& file, const NetworkShape& shape) {
  Weights weights;
  std::vector<Expected> expected;
  expect_parameters(shape, "", weights, expected);
  const std::uint64_t limit = weights.size() * sizeof(float) + kLongestTensorHeader;
  load_tensors(read_file(system_file_ops(), file, limit), file.string(), expected);
  return weights;
}

}  // namespace charrnn
