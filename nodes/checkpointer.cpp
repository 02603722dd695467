#include "nodes/checkpointer.h"

#include <chrono>

#include "base/error.h"

namespace charrnn {

Checkpointer::Outcome Checkpointer::write(const Checkpoint& checkpoint) {
  const auto start = std::chrono::steady_clock::now();
  Outcome outcome{.step = checkpoint.progress.step,
                  .written = true,
                  .error = {},
                  .warnings = {},
                  .seconds = 0.0};
  try {
    outcome.warnings = store_.write(checkpoint, keep_, keep_best_);
    newest_ = checkpoint.progress.step;
  } catch (const Error& error) {
    ++failures_;
    outcome.written = false;
    outcome.error = error.what();
  }
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (on_outcome_) on_outcome_(outcome);
  return outcome;
}

}  // namespace charrnn
