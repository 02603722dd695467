#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pipeline/graph/stage_times.h"

namespace charrnn {

/// What each stage did, for the end of a run: calls, busy and waiting time, the mean and longest
/// queue in front of it, and what the train step waited for. Empty when nothing was trained.
std::vector<std::string> summary(const StageTimes& times);

/// Time that a stage had nothing to do between its first and its last message; of the train step,
/// whose thread has other work too, what InputWait measured.
std::chrono::nanoseconds waiting(Stage stage, const StageTimes& times);

/// Busy / (busy + waiting for input) of the train step, without its first batch; 1 when it never
/// ran.
double train_step_share(const StageTimes& times);

}  // namespace charrnn
