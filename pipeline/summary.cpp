#include "pipeline/summary.h"

#include <fmt/format.h>

namespace charrnn {

double train_step_share(const StageTimes& times) {
  const auto busy = static_cast<double>(times.step_nanoseconds.load());
  const auto waiting = static_cast<double>(times.input_wait_nanoseconds.load());
  return busy + waiting > 0 ? busy / (busy + waiting) : 1.0;
}

std::vector<std::string> summary(const StageTimes& times) {
  std::vector<std::string> lines;
  if (times[Stage::kTrainStep].calls == 0) return lines;
  lines.push_back(fmt::format("{:<18}{:>10}{:>12}", "stage", "calls", "busy s"));
  for (std::size_t i = 0; i < kStageNames.size(); ++i) {
    const auto& entry = times[static_cast<Stage>(i)];
    lines.push_back(fmt::format("{:<18}{:>10}{:>12.3f}", kStageNames[i], entry.calls.load(),
                                static_cast<double>(entry.busy_nanoseconds.load()) * 1e-9));
  }
  lines.push_back(fmt::format("train step waited {:.3f} s for input: busy {:.3f} % of its time",
                              static_cast<double>(times.input_wait_nanoseconds.load()) * 1e-9,
                              100.0 * train_step_share(times)));
  return lines;
}

}  // namespace charrnn
