#include "model/schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace charrnn {
namespace {

double constant(const ScheduleOptions& options, const SchedulePoint&) {
  return options.learning_rate;
}

// The rate when `share` of its fall is behind it.
double fallen(const ScheduleOptions& options, double share) {
  return options.learning_rate + share * (options.final_learning_rate - options.learning_rate);
}

double linear(const ScheduleOptions& options, const SchedulePoint& at) {
  return fallen(options, at.done);
}

double cosine(const ScheduleOptions& options, const SchedulePoint& at) {
  return fallen(options, 0.5 - 0.5 * std::cos(std::numbers::pi * at.done));
}

double wsd(const ScheduleOptions& options, const SchedulePoint& at) {
  const double left = (1.0 - at.done) / options.decay_share;
  return left >= 1.0 ? options.learning_rate : fallen(options, 1.0 - left);
}

using Rate = double (*)(const ScheduleOptions& options, const SchedulePoint& at);

/// A rate that rises to its own value over the warm-up.
template <Rate kRate>
double warmed_up(const ScheduleOptions& options, const SchedulePoint& at) {
  const double rate = kRate(options, at);
  if (at.step >= options.warmup_steps) return rate;
  return rate * static_cast<double>(at.step) / static_cast<double>(options.warmup_steps);
}

constexpr std::array<Schedule, kSchedules> kTable{{
    {ScheduleKind::kConstant, warmed_up<constant>},
    {ScheduleKind::kLinear, warmed_up<linear>},
    {ScheduleKind::kCosine, warmed_up<cosine>},
    {ScheduleKind::kWsd, warmed_up<wsd>},
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
