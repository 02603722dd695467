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

/// Their names, in the same order.
inline constexpr auto kStageNames =
    std::to_array<std::string_view>({"reader", "encoder", "batcher", "one_hot_transfer",
                                     "train_step", "validator", "recorder", "checkpointer"});
static_assert(kStageNames.size() == static_cast<std::size_t>(Stage::kCheckpointer) + 1);

constexpr std::string_view stage_name(Stage stage) {
  return kStageNames[static_cast<std::size_t>(stage)];
}

}  // namespace charrnn
