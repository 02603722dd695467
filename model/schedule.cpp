#include "model/schedule.h"

#include <algorithm>
#include <array>

namespace charrnn {
namespace {

double constant(const ScheduleOptions& options, const SchedulePoint&) {
  return options.learning_rate;
}

double linear(const ScheduleOptions& options, const SchedulePoint& at) {
  return options.learning_rate * (1.0 - at.done * (1.0 - options.final_share));
}

constexpr std::array<Schedule, kSchedules> kTable{{
    {ScheduleKind::kConstant, "constant", constant},
    {ScheduleKind::kLinear, "linear", linear},
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

const Schedule* find_schedule(std::string_view name) {
  const auto found = std::ranges::find(kTable, name, &Schedule::name);
  return found == kTable.end() ? nullptr : &*found;
}

}  // namespace charrnn
