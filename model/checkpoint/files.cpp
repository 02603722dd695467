#include "model/checkpoint/files.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "base/json.h"

namespace charrnn {
namespace {

void require(bool fits, const char* what) {
  if (!fits) {
    throw Error(ErrorKind::kInternal, std::string("a checkpoint cannot be written: ") + what);
  }
}

bool fits(const std::vector<CarriedTensor>& carried, const std::vector<CarriedTensor>& expected) {
  return std::ranges::equal(carried, expected, [](const auto& one, const auto& other) {
    return one.name == other.name && one.values.size() == other.values.size();
  });
}

void require_fit(const Checkpoint& checkpoint) {
  const TrainState& state = checkpoint.state;
  const std::size_t parameters = parameter_count(state.network);
  require(state.weights.size() == parameters, "weights of another size");
  require(std::ranges::equal(state.slots, slot_names(state.optimizer), {}, &OptimizerSlot::name),
          "slots of another optimiser");
  for (const OptimizerSlot& slot : state.slots) {
    require(slot.values.size() == parameters, "an optimiser's slot of another size");
  }
  require(fits(state.carried, zero_carried(state.network, state.rows)),
          "carried state of another size");
  require(checkpoint.vocabulary.size() == static_cast<std::size_t>(state.network.vocabulary),
          "vocabulary of another size");
  if (const auto& pending = checkpoint.pending_validation) {
    require(pending->loss.has_value() == (pending->weights == nullptr),
            "a pending validation has either a loss or weights");
    require(pending->loss.has_value() || pending->weights->size() == parameters,
            "a pending validation's weights of another size");
  }
}

FileImage tensor_image(std::string_view name, const std::vector<TensorView>& tensors) {
  FileImage image{.name = std::string(name), .text = safetensors_header(tensors), .values = {}};
  for (const TensorView& tensor : tensors) image.values.push_back(tensor.values);
  return image;
}

FileImage parameters_image(std::string_view name, const NetworkShape& shape,
                           const Weights& weights) {
  return tensor_image(name, parameter_tensors(shape, weights));
}

FileImage optimizer_image(const TrainState& state) {
  std::vector<TensorView> tensors;
  for (const OptimizerSlot& slot : state.slots) {
    const bool average = slot.name == kAverageSlot;  // that is the model
    const Weights& values = average ? state.weights : slot.values;
    std::ranges::move(parameter_tensors(state.network, values, slot_prefix(slot)),
                      std::back_inserter(tensors));
  }
  return tensor_image(kOptimizerFile, tensors);
}

FileImage carried_image(const TrainState& state) {
  const std::vector<std::int64_t> shape{state.network.layers, state.rows, state.network.hidden};
  std::vector<TensorView> tensors;
  for (const CarriedTensor& tensor : state.carried) {
    tensors.push_back({tensor.name, shape, tensor.values});
  }
  return tensor_image(kStateTensorsFile, tensors);
}

FileImage text_image(std::string_view name, std::string text) {
  return {.name = std::string(name), .text = std::move(text), .values = {}};
}

}  // namespace

std::vector<std::string_view> FileImage::pieces() const {
  std::vector<std::string_view> pieces{text};
  for (const auto& tensor : values) {
    pieces.emplace_back(reinterpret_cast<const char*>(tensor.data()), tensor.size_bytes());
  }
  return pieces;
}

std::vector<TensorView> parameter_tensors(const NetworkShape& shape, const Weights& values,
                                          const std::string& prefix) {
  std::vector<TensorView> tensors;
  for (TensorSpec& tensor : parameter_layout(shape)) {
    tensors.push_back({prefix + tensor.name, std::move(tensor.shape),
                       std::span(values).subspan(tensor.offset, tensor.size)});
  }
  return tensors;
}

std::string slot_prefix(const OptimizerSlot& slot) {
  return (slot.name == kAverageSlot ? "trained" : slot.name) + ".";
}

std::vector<FileImage> checkpoint_files(const Checkpoint& checkpoint) {
  require_fit(checkpoint);
  const TrainState& state = checkpoint.state;
  std::vector<FileImage> files;
  files.push_back(parameters_image(kModelFile, state.network, model_weights(state)));
  files.push_back(optimizer_image(state));
  files.push_back(carried_image(state));
  const auto& pending = checkpoint.pending_validation;
  if (pending && pending->weights) {
    files.push_back(parameters_image(kPendingValidationFile, state.network, *pending->weights));
  }
  files.push_back(text_image(kStateFile, state_json(checkpoint)));
  files.push_back(text_image(kTimingFile, print_json({{"seconds", checkpoint.progress.seconds}})));
  files.push_back(text_image(kVocabularyFile, checkpoint.vocabulary.to_json()));
  files.push_back(text_image(kConfigFile, checkpoint.config));
  return files;
}

}  // namespace charrnn
