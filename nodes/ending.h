#pragma once

#include <atomic>

namespace charrnn {

/// Whether a run has come to its end: somebody asked for it, or a limit was reached. From then on
/// nothing more is read, and batches pass through untrained. Callable from any thread.
class Ending {
 public:
  /// `asked` is borrowed: it becomes true when the run is to stop.
  explicit Ending(const std::atomic<bool>& asked) : asked_(asked) {}

  /// A limit was reached.
  void reach_limit() { limit_ = true; }

  bool has_come() const { return asked_ || limit_; }

 private:
  const std::atomic<bool>& asked_;
  std::atomic<bool> limit_{false};
};

}  // namespace charrnn
