#pragma once

#include <optional>
#include <string>

#include "nodes/messages.h"

namespace charrnn {

/// Notices a training run whose loss is still a number but far above that of guessing, and rising.
class LossWatch {
 public:
  /// `vocabulary`: V; to guess among V symbols costs ln V nats.
  explicit LossWatch(int vocabulary);

  /// Takes each step. Returns the line to tell the user, once: when the mean loss of 20 steps is
  /// above 1.5 ln V + 1 and above that of the 20 steps before.
  std::optional<std::string> step(const StepReport& report);

 private:
  int vocabulary_;
  int steps_ = 0;  // of this window
  double sum_ = 0.0;
  std::optional<double> last_mean_;
  bool told_ = false;
};

}  // namespace charrnn
