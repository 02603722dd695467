#include "pipeline/graph/stage_meter.h"

#include <algorithm>
#include <array>
#include <string>

namespace charrnn {
namespace {

// Traces keep the names, so they stay.
const char* queue_name(Stage stage) {
  static const auto kNames = [] {
    std::array<std::string, kStageNames.size()> all;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = "queue of " + std::string(kStageNames[i]);
    return all;
  }();
  return kNames[static_cast<std::size_t>(stage)].c_str();
}

}  // namespace

void StageMeter::advance() {
  const auto now = Clock::now();
  if (changed_ != Clock::time_point{}) {
    const std::chrono::nanoseconds past = now - changed_;
    elapsed_ += past;
    queued_ += sums_.queue * past;
    sums_.busy += calls_ * past;
    if (calls_ == 0 && sums_.queue == 0) sums_.waiting += past;
  }
  changed_ = now;
}

void StageMeter::take() {
  if (sums_.queue == 0) return;
  --sums_.queue;
  trace_counter(queue_name(stage_), sums_.queue);
}

void StageMeter::arrives() {
  const std::lock_guard lock(mutex_);
  advance();
  sums_.longest_queue = std::max(sums_.longest_queue, ++sums_.queue);
  trace_counter(queue_name(stage_), sums_.queue);
}

void StageMeter::passes() {
  const std::lock_guard lock(mutex_);
  advance();
  take();
}

void StageMeter::begins() {
  const std::lock_guard lock(mutex_);
  advance();
  take();
  ++calls_;
}

void StageMeter::ends() {
  const std::lock_guard lock(mutex_);
  advance();
  --calls_;
  ++sums_.calls;
}

StageMeter::Reading StageMeter::read() const {
  const std::lock_guard lock(mutex_);
  Reading reading = sums_;
  if (calls_ > 0) reading.busy += calls_ * (Clock::now() - changed_);
  if (elapsed_.count() > 0) {
    reading.mean_queue =
        static_cast<double>(queued_.count()) / static_cast<double>(elapsed_.count());
  }
  return reading;
}

}  // namespace charrnn
