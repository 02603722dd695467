#include "pipeline/run/run_status.h"

#include <algorithm>
#include <boost/json.hpp>

#include "pipeline/graph/summary.h"

namespace charrnn {
namespace {

namespace json = boost::json;

// Askers that come sooner than this share one measurement.
constexpr std::chrono::milliseconds kLeastInterval{500};

constexpr std::size_t kMostSamples = 5;

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

json::object node(Stage stage, double busy, const StageTimes& times) {
  const auto reading = times[stage].read();
  return {{"name", stage_name(stage)},
          {"calls", reading.calls},
          {"busy_seconds", seconds(reading.busy)},
          {"waiting_seconds", seconds(waiting(stage, times))},
          {"busy", busy},
          {"queue", reading.queue},
          {"queue_mean", reading.mean_queue},
          {"queue_max", reading.longest_queue}};
}

}  // namespace

void RunStatus::corpus(std::uint64_t characters, int alphabet_size) {
  const std::lock_guard lock(mutex_);
  characters_ = characters;
  alphabet_size_ = alphabet_size;
}

void RunStatus::step(const StepReport& report) {
  const std::lock_guard lock(mutex_);
  report_ = report;
}

void RunStatus::validation(const ValidationResult& result) {
  const std::lock_guard lock(mutex_);
  validation_loss_ = result.loss;
}

void RunStatus::sample(std::uint64_t step, const std::string& text) {
  const std::lock_guard lock(mutex_);
  samples_.emplace_back(step, text);
  if (samples_.size() > kMostSamples) samples_.pop_front();
}

void RunStatus::ended(TrainingEnd end) {
  const std::lock_guard lock(mutex_);
  stage_ = end == TrainingEnd::kFinished ? "finished" : "stopped";
}

void RunStatus::measure(const StageTimes& times) {
  const auto now = Clock::now();
  if (now - measured_ < kLeastInterval) return;
  const auto elapsed = static_cast<double>(std::chrono::nanoseconds(now - measured_).count());
  for (std::size_t i = 0; i < kStageNames.size(); ++i) {
    const std::int64_t busy = times[static_cast<Stage>(i)].read().busy.count();
    // Calls of many threads at once exceed the interval.
    busy_[i] = std::min(1.0, static_cast<double>(busy - busy_nanoseconds_[i]) / elapsed);
    busy_nanoseconds_[i] = busy;
  }
  measured_ = now;
}

std::string RunStatus::json(const StageTimes& times) {
  const std::lock_guard lock(mutex_);
  measure(times);
  json::object status{{"stage", stage_},
                      {"stripes", static_cast<int>(times.stripes_inside)},
                      {"batches", static_cast<int>(times.batches_inside)}};
  if (characters_ > 0) {
    status["characters"] = characters_;
    status["alphabet_size"] = alphabet_size_;
  }
  if (report_) {
    status["step"] = report_->progress.step;
    status["epoch"] = report_->progress.epoch;
    status["chars_per_second"] = report_->characters_per_second;
    status["train_loss"] = report_->progress.train_loss.value();
  }
  if (validation_loss_) status["validation_loss"] = *validation_loss_;
  json::array nodes;
  for (std::size_t i = 0; i < kStageNames.size(); ++i) {
    nodes.push_back(node(static_cast<Stage>(i), busy_[i], times));
  }
  status["nodes"] = std::move(nodes);
  json::array samples;
  for (const auto& [step, text] : samples_) {
    samples.push_back(json::object{{"step", step}, {"text", text}});
  }
  status["samples"] = std::move(samples);
  return json::serialize(status);
}

}  // namespace charrnn
