#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace charrnn {

/// The stages of the graph in flow order.
enum class Stage {
  kReader,
  kEncoder,
  kBatcher,
  kTransfer,
  kTrainStep,
  kValidator,
  kRecorder,
  kCheckpointer
};

inline constexpr std::array<std::string_view, 8> kStageNames{
    "reader",     "encoder",   "batcher",  "one_hot_transfer",
    "train_step", "validator", "recorder", "checkpointer"};

constexpr std::string_view stage_name(Stage stage) {
  return kStageNames[static_cast<std::size_t>(stage)];
}

/// What each stage did so far. Written by the stages, readable by any thread at any time.
class StageTimes {
 public:
  struct Entry {
    std::atomic<std::uint64_t> calls{0};
    std::atomic<std::int64_t> busy_nanoseconds{0};
  };

  Entry& operator[](Stage stage) { return entries_[static_cast<std::size_t>(stage)]; }
  const Entry& operator[](Stage stage) const { return entries_[static_cast<std::size_t>(stage)]; }

  /// Time that the train step was ready but had no batch and no other work to do, from the end of
  /// its first batch on.
  std::atomic<std::int64_t> input_wait_nanoseconds{0};

  /// Time that steps took, without the first.
  std::atomic<std::int64_t> step_nanoseconds{0};

  /// Messages inside: stripes from the reader to the last batch, batches in front of the train
  /// step.
  std::atomic<int> stripes_inside{0};
  std::atomic<int> batches_inside{0};

 private:
  std::array<Entry, kStageNames.size()> entries_;
};

/// Measures what the train step waits for: the compute thread's time between two steps with no
/// batch at hand, less what it spent on other work meanwhile. Belongs to the compute thread.
class InputWait {
 public:
  explicit InputWait(StageTimes& times) : times_(times) {}

  void step_begins() { begin_ = Clock::now(); }
  void step_ends() {
    const auto now = Clock::now();
    if (steps_++ > 0) {
      times_.step_nanoseconds += nanoseconds(now - begin_);
      times_.input_wait_nanoseconds += nanoseconds(begin_ - free_since_ - other_);
    }
    free_since_ = now;
    other_ = {};
  }

  /// Work of another stage on the same thread.
  void other_work(std::chrono::steady_clock::duration spent) { other_ += spent; }

 private:
  using Clock = std::chrono::steady_clock;
  static std::int64_t nanoseconds(Clock::duration d) { return std::chrono::nanoseconds(d).count(); }

  StageTimes& times_;
  std::uint64_t steps_ = 0;
  Clock::time_point begin_;
  Clock::time_point free_since_;
  Clock::duration other_{};
};

/// Adds the time from construction to destruction to a stage, and counts one call.
class StageTimer {
 public:
  explicit StageTimer(StageTimes::Entry& entry) : entry_(entry) {}
  ~StageTimer() {
    const auto spent = std::chrono::steady_clock::now() - start_;
    entry_.busy_nanoseconds += std::chrono::nanoseconds(spent).count();
    ++entry_.calls;
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  StageTimes::Entry& entry_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace charrnn
