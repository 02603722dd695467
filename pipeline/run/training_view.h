#pragma once

#include <functional>
#include <string>

#include "nodes/messages.h"

namespace charrnn {

/// What a training run tells while it runs; every member may be empty. Called on the thread that
/// the event comes from; must be quick.
struct TrainingView {
  std::function<void(const std::string&)> message;  ///< a line for the user
  std::function<void(const StepReport&)> step;
  std::function<void(const ValidationResult&)> validation;
  std::function<void(const CheckpointOutcome&)> checkpoint;
};

}  // namespace charrnn
