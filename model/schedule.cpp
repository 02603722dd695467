#include "model/schedule.h"

#include <algorithm>
#include <array>

namespace charrnn {
namespace {

double constant(const ScheduleOptions& options, const SchedulePoint&) {
  return options.learning_rate;
}

constexpr std::array<Schedule, kSchedules> kTable{{
    {ScheduleKind::kConstant, "constant", constant},
}};

}  // namespace

std::span<const Schedule> schedules() { return kTable; }

const Schedule& schedule(ScheduleKind kind) { return kTable[static_cast<std::size_t>(kind)]; }

const Schedule* find_schedule(std::string_view name) {
  const auto found = std::ranges::find(kTable, name, &Schedule::name);
  return found == kTable.end() ? nullptr : &*found;
}

}  // namespace charrnn
