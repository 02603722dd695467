#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/safetensors.h"

namespace charrnn {

inline constexpr std::string_view kModelFile = "model.safetensors";
inline constexpr std::string_view kOptimizerFile = "optimizer.safetensors";
inline constexpr std::string_view kStateTensorsFile = "state.safetensors";
inline constexpr std::string_view kStateFile = "state.json";
inline constexpr std::string_view kTimingFile = "timing.json";
inline constexpr std::string_view kVocabularyFile = "vocabulary.json";
inline constexpr std::string_view kConfigFile = "config.ini";

/// The files that every checkpoint has, besides its manifest.
inline constexpr std::array kRequiredFiles{kModelFile, kOptimizerFile, kStateTensorsFile,
                                           kStateFile, kTimingFile,    kVocabularyFile,
                                           kConfigFile};

/// The weights of a validation that was cut off; there only while one is.
inline constexpr std::string_view kPendingValidationFile = "pending_validation.safetensors";

/// One file of a checkpoint: some text of its own, then values borrowed from the checkpoint.
struct FileImage {
  std::string name;
  std::string text;
  std::vector<std::span<const float>> values;

  /// All bytes of the file, one piece behind the other; valid as long as this and the checkpoint.
  std::vector<std::string_view> pieces() const;
};

/// A network's parameters, or other values laid out as they are, under PyTorch's names behind a
/// prefix. The views borrow from `values`.
std::vector<TensorView> parameter_tensors(const NetworkShape& shape, const Weights& values,
                                          const std::string& prefix = "");

/// What the names of a slot's tensors begin with in optimizer.safetensors. In the place of the
/// average, which is the model, stand the weights that are trained.
std::string slot_prefix(const OptimizerSlot& slot);

/// The files of a checkpoint, without the manifest. Byte-deterministic; only timing.json depends on
/// anything but the training itself. Throws Error(kInternal) when parts do not fit together.
std::vector<FileImage> checkpoint_files(const Checkpoint& checkpoint);

/// The text of state.json.
std::string state_json(const Checkpoint& checkpoint);

/// Fills in all that a state.json of this format tells; the arrays stay empty. The pending
/// validation, if there is one, gets no weights yet. Throws Error(kCheckpoint).
void parse_state_json(std::string_view json, std::uint64_t format, const std::string& origin,
                      Checkpoint& checkpoint);

}  // namespace charrnn
