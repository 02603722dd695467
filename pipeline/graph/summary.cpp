#include "pipeline/graph/summary.h"

#include <fmt/format.h>

namespace charrnn {

namespace {

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

std::chrono::nanoseconds waiting(Stage stage, const StageTimes& times) {
  if (stage != Stage::kTrainStep) return times[stage].read().waiting;
  return std::chrono::nanoseconds(times.input_wait_nanoseconds.load());
}

double train_step_share(const StageTimes& times) {
  const auto busy = static_cast<double>(times.step_nanoseconds.load());
  const auto waiting = static_cast<double>(times.input_wait_nanoseconds.load());
  return busy + waiting > 0 ? busy / (busy + waiting) : 1.0;
}

std::vector<std::string> summary(const StageTimes& times) {
  std::vector<std::string> lines;
  if (times[Stage::kTrainStep].read().calls == 0) return lines;
  lines.push_back(fmt::format("{:<18}{:>10}{:>12}{:>12}{:>12}{:>6}", "stage", "calls", "busy s",
                              "waiting s", "queue mean", "max"));
  for (std::size_t i = 0; i < kStageNames.size(); ++i) {
    const auto stage = static_cast<Stage>(i);
    const auto reading = times[stage].read();
    lines.push_back(fmt::format("{:<18}{:>10}{:>12.3f}{:>12.3f}{:>12.2f}{:>6}", kStageNames[i],
                                reading.calls, seconds(reading.busy),
                                seconds(waiting(stage, times)), reading.mean_queue,
                                reading.longest_queue));
  }
  lines.push_back(fmt::format("train step waited {:.3f} s for input: busy {:.3f} % of its time",
                              seconds(waiting(Stage::kTrainStep, times)),
                              100.0 * train_step_share(times)));
  return lines;
}

}  // namespace charrnn
