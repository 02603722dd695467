#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace charrnn {

/// The stages of the graph in flow order.
enum class Stage {
  kReader,
  kEncoder,
  kBatcher,
  kTransfer,
  kTrainStep,
  kValidator,
  kRecorder,
  kCheckpointer
};

inline constexpr std::array<std::string_view, 8> kStageNames{
    "reader",     "encoder",   "batcher",  "one_hot_transfer",
    "train_step", "validator", "recorder", "checkpointer"};

constexpr std::string_view stage_name(Stage stage) {
  return kStageNames[static_cast<std::size_t>(stage)];
}

}  // namespace charrnn
