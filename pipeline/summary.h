#pragma once

#include <string>
#include <vector>

#include "pipeline/stage_times.h"

namespace charrnn {

/// What each stage did, for the end of a run: calls, busy time, and what the train step waited for.
/// Empty when nothing was trained.
std::vector<std::string> summary(const StageTimes& times);

/// Busy / (busy + waiting for input) of the train step, without its first batch; 1 when it never
/// ran.
double train_step_share(const StageTimes& times);

}  // namespace charrnn
