#include "model/schedule.h"

#include <algorithm>
#include <array>

namespace charrnn {
namespace {

double constant(const ScheduleOptions& options, const SchedulePoint&) {
  return options.learning_rate;
}

double linear(const ScheduleOptions& options, const SchedulePoint& at) {
  return options.learning_rate + at.done * (options.final_learning_rate - options.learning_rate);
}

constexpr std::array<Schedule, kSchedules> kTable{{
    {ScheduleKind::kConstant, constant},
    {ScheduleKind::kLinear, linear},
}};

}  // namespace

double share_done(const RunLength& length, std::uint64_t steps, double seconds) {
  double done = 0.0;
  if (length.steps > 0) done = static_cast<double>(steps) / static_cast<double>(length.steps);
  if (length.seconds > 0.0) done = std::max(done, seconds / length.seconds);
  return std::min(done, 1.0);
}

std::span<const Schedule> schedules() { return kTable; }

const Schedule& schedule(ScheduleKind kind) { return kTable[static_cast<std::size_t>(kind)]; }

}  // namespace charrnn
