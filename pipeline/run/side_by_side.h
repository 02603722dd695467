#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "model/packed_network.h"

namespace charrnn {

/// Symbols that follow each other. The network reads all but the last, which is scored only.
struct Passage {
  std::span<const Symbol> symbols;
  const RowState* before = nullptr;  ///< where it begins, or null: at a zeroed state
  RowState* after = nullptr;         ///< where to leave the state behind it; null: nowhere
};

/// What a symbol costs in nats, given all that stands in front of it in its passage. Called for the
/// symbols of a passage in their order; for different passages, by several threads at a time.
using TakeCost = std::function<void(std::size_t passage, double nats)>;

/// Called after each step with the number of rows that read a symbol in it.
using AfterStep = std::function<void(std::size_t rows)>;

/// Lets passages go through the network on several rows at a time, each on one row. The costs do
/// not depend on which ones go together. The first passage is begun before another one ends, so
/// its `before` may be the `after` of any. Throws Stopped (`doing`: what is left) once `stop`,
/// which may be null, is true.
void read_side_by_side(const PackedNetwork& network, std::span<const Passage> passages,
                       const TakeCost& take_cost, const std::atomic<bool>* stop, const char* doing,
                       const AfterStep& after_step = {});

}  // namespace charrnn
