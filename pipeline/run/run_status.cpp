#include "pipeline/run/run_status.h"

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

#include "pipeline/graph/summary.h"

namespace charrnn {
namespace {

namespace json = boost::json;

// Askers that come sooner than this share one measurement.
constexpr std::chrono::milliseconds kLeastInterval{500};

constexpr std::size_t kMostSamples = 48;

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

void add_step(const StepReport& report, json::object& status) {
  status["step"] = report.progress.step;
  status["epoch"] = report.progress.epoch;
  status["seconds"] = report.progress.seconds;
  status["chars_per_second"] = report.characters_per_second;
  status["train_loss"] = report.progress.train_loss.value();
}

}  // namespace

void RunStatus::corpus(std::uint64_t characters, int alphabet_size) {
  const std::lock_guard lock(mutex_);
  characters_ = characters;
  alphabet_size_ = alphabet_size;
}

void RunStatus::ends_at(std::uint64_t last_step, double max_seconds) {
  const std::lock_guard lock(mutex_);
  if (last_step != std::numeric_limits<std::uint64_t>::max()) last_step_ = last_step;
  if (max_seconds > 0) max_seconds_ = max_seconds;
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
  const std::size_t number = samples_.empty() ? 0 : samples_.back().number + 1;
  const auto off_stride = [this](const Sample& one) { return one.number % sample_stride_ != 0; };
  // The newest one is always there; it goes when a newer one comes, unless its turn has come.
  if (!samples_.empty() && off_stride(samples_.back())) samples_.pop_back();
  if (samples_.size() == kMostSamples) {
    sample_stride_ *= 2;
    std::erase_if(samples_, off_stride);
  }
  samples_.push_back({number, step, text});
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
  if (last_step_) status["last_step"] = *last_step_;
  if (max_seconds_) status["max_seconds"] = *max_seconds_;
  if (report_) add_step(*report_, status);
  if (validation_loss_) status["validation_loss"] = *validation_loss_;
  json::array nodes;
  for (std::size_t i = 0; i < kStageNames.size(); ++i) {
    nodes.push_back(node(static_cast<Stage>(i), busy_[i], times));
  }
  status["nodes"] = std::move(nodes);
  json::array samples;
  for (const Sample& sample : samples_) {
    samples.push_back(json::object{{"step", sample.step}, {"text", sample.text}});
  }
  status["samples"] = std::move(samples);
  return json::serialize(status);
}

}  // namespace charrnn
