#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace charrnn {

/// How the learning rate changes over a run; schedules() lists them in this order.
enum class ScheduleKind { kConstant };
inline constexpr std::size_t kSchedules = 1;

/// A schedule and what it begins with.
struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::kConstant;
  double learning_rate = 1e-3;  ///< the highest that the schedule gives
};

/// What a step's learning rate may depend on, and nothing else: so a resumed run, which counts on
/// from its checkpoint, does not bend what is past.
struct SchedulePoint {
  std::uint64_t step = 1;  ///< the step that is to be taken, from 1
  /// The share of the run that lies before the step, in [0, 1]: of its steps, or of its seconds
  /// when those end it sooner; 0 when the run has no end.
  double done = 0.0;
};

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
