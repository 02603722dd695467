#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "base/trace.h"
#include "pipeline/graph/stage.h"

namespace charrnn {

/// What one stage did so far, and what waits for it. Callable from any thread at any time.
class StageMeter {
 public:
  using Clock = std::chrono::steady_clock;

  /// Up to the last change. Means and waiting count from the first message on.
  struct Reading {
    std::uint64_t calls = 0;              ///< that have ended
    std::chrono::nanoseconds busy{0};     ///< of all calls, also one that goes on
    std::chrono::nanoseconds waiting{0};  ///< with no call under way and nothing in the queue
    int queue = 0;                        ///< messages that wait for the stage now
    int longest_queue = 0;
    double mean_queue = 0.0;
  };

  explicit StageMeter(Stage stage) : stage_(stage) {}

  /// A message begins to wait for the stage.
  void arrives();

  /// A message leaves the queue without being worked on.
  void passes();

  /// A call takes the next message of the queue; none, where the stage is a source.
  void begins();
  void ends();

  Reading read() const;

 private:
  void advance();
  void take();

  const Stage stage_;
  mutable std::mutex mutex_;  // guards all below
  Reading sums_;
  int calls_ = 0;  // under way
  std::chrono::nanoseconds queued_{0}, elapsed_{0};
  Clock::time_point changed_{};
};

/// One call of a stage, from construction to destruction; a span of traces.
class StageCall {
 public:
  StageCall(StageMeter& meter, Stage stage) : meter_(meter), span_(stage_name(stage).data()) {
    meter_.begins();
  }
  ~StageCall() { meter_.ends(); }
  StageCall(const StageCall&) = delete;
  StageCall& operator=(const StageCall&) = delete;

 private:
  StageMeter& meter_;
  TraceSpan span_;
};

}  // namespace charrnn
