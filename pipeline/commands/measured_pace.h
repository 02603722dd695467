#pragma once

#include <atomic>
#include <cstdint>

#include "pipeline/config/config.h"
#include "pipeline/run/starting_point.h"

namespace charrnn {

/// How fast a run will be, by doing a little of it.
struct MeasuredPace {
  std::uint64_t steps = 0;  ///< that were timed
  double training = 0.0;    ///< characters a second, reading included; 0: not measured
  double validating = 0.0;  ///< characters a second; 0: not measured
};

/// The most memory that this process has had so far.
std::uint64_t peak_bytes();

/// Reads the batches that the run would go on with and trains on them for about two seconds (at
/// least one step), then validates on one batch. The weights are thrown away; nothing is written.
/// Moves the state out of `start`. Throws as Reader and Backend do.
MeasuredPace measure_pace(StartingPoint& start, const Config& config,
                          const std::atomic<bool>& stop);

}  // namespace charrnn
