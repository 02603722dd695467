#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace charrnn {

/// How the learning rate changes over a run; schedules() lists them in this order.
enum class ScheduleKind { kConstant, kLinear };
inline constexpr std::size_t kSchedules = 2;

/// A schedule and what it begins with.
struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::kConstant;
  double learning_rate = 1e-3;  ///< of the first step
  double final_share = 0.0;     ///< of it, that linear comes to when the run is done
};

/// What a step's learning rate may depend on, and nothing else: so a resumed run, which counts on
/// from its checkpoint, does not bend what is past.
struct SchedulePoint {
  std::uint64_t step = 1;  ///< the step that is to be taken, from 1
  double done = 0.0;       ///< share_done() before that step
};

/// What ends a run; 0 stands for no limit.
struct RunLength {
  std::uint64_t steps = 0;
  double seconds = 0.0;
};

/// The share of a run that is done after so many steps and seconds, in [0, 1], by the limit that
/// comes first; 0 when there is none. Time is measured, not predicted, so a run with a limit of
/// seconds ends its schedule in time whatever its pace is.
double share_done(const RunLength& length, std::uint64_t steps, double seconds);

/// One schedule: a pure function.
struct Schedule {
  ScheduleKind kind;
  std::string_view name;  ///< in checkpoints
  double (*learning_rate)(const ScheduleOptions& options, const SchedulePoint& at);
};

/// All schedules, in the order of ScheduleKind.
std::span<const Schedule> schedules();

/// The schedule of one kind.
const Schedule& schedule(ScheduleKind kind);

/// The schedule of this name, or null.
const Schedule* find_schedule(std::string_view name);

}  // namespace charrnn
