#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/named_enum.h"

namespace charrnn {

/// How the learning rate changes over a run; schedules() lists them in this order.
enum class ScheduleKind { kConstant, kLinear, kCosine, kWsd };
inline constexpr std::size_t kSchedules = 4;

template <>
inline constexpr std::array<std::string_view, kSchedules> kWords<ScheduleKind>{"constant", "linear",
                                                                               "cosine", "wsd"};

/// A schedule, and the rates between which it moves. All of them warm up first, if they are told
/// to.
struct ScheduleOptions {
  /// constant keeps the learning rate. The others lower it until the run ends, by its steps or by
  /// its seconds, whichever limit comes first; a run mostly ends better so. linear lowers it
  /// evenly. cosine lowers it slowly at both ends [Loshchilov and Hutter, arXiv:1608.03983]. wsd
  /// (warm-up, stable, decay) keeps it, and lowers it evenly over the last part alone [Hu et al.,
  /// arXiv:2404.06395]. Raising a limit of a finished run raises the rate again.
  ScheduleKind kind = ScheduleKind::kConstant;

  /// The step size of the optimiser at the first step. Lower it when the loss jumps or diverges,
  /// raise it when the loss falls slowly from the beginning.
  double learning_rate = 1e-3;

  /// Of all but constant: the learning rate when the run ends.
  double final_learning_rate = 0.0;

  /// Of wsd: the last share of the run, over which the learning rate falls.
  double decay_share = 0.2;

  /// Steps at the beginning over which the learning rate rises evenly from 0; 0: none. The first
  /// gradients of a new network are long and alike, so a high learning rate needs a warm-up.
  std::uint64_t warmup_steps = 0;
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

/// One schedule: a pure function, warm-up included.
struct Schedule {
  ScheduleKind kind;
  double (*learning_rate)(const ScheduleOptions& options, const SchedulePoint& at);
};

/// All schedules, in the order of ScheduleKind.
std::span<const Schedule> schedules();

/// The schedule of one kind.
const Schedule& schedule(ScheduleKind kind);

}  // namespace charrnn
