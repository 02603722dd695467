#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

#include "base/trace.h"
#include "pipeline/graph/stage_meter.h"

namespace charrnn {

/// How many messages are inside of a part of the graph; a counter of traces. From any thread.
class MessageCount {
 public:
  /// `name` is a literal.
  explicit MessageCount(const char* name) : name_(name) {}

  void operator++() { trace_counter(name_, ++count_); }
  void operator--() { trace_counter(name_, --count_); }
  operator int() const { return count_; }  // NOLINT(google-explicit-constructor): it is a number

 private:
  const char* name_;
  std::atomic<int> count_{0};
};

/// What the stages did so far. Written by them, readable by any thread at any time.
class StageTimes {
 public:
  StageMeter& operator[](Stage stage) { return meters_[static_cast<std::size_t>(stage)]; }
  const StageMeter& operator[](Stage stage) const {
    return meters_[static_cast<std::size_t>(stage)];
  }

  /// Time that the train step was ready but had no batch and no other work to do, from the end of
  /// its first batch on.
  std::atomic<std::int64_t> input_wait_nanoseconds{0};

  /// Time that steps took, without the first.
  std::atomic<std::int64_t> step_nanoseconds{0};

  /// From the reader to the last batch of a stripe.
  MessageCount stripes_inside{"stripes inside"};

  /// In front of the train step and in it.
  MessageCount batches_inside{"batches inside"};

 private:
  using Meters = std::array<StageMeter, kStageNames.size()>;
  template <std::size_t... kIndex>
  static Meters one_each(std::index_sequence<kIndex...>) {
    return {StageMeter(static_cast<Stage>(kIndex))...};
  }

  Meters meters_ = one_each(std::make_index_sequence<kStageNames.size()>());
};

}  // namespace charrnn
