#include "nodes/recorder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace charrnn {
namespace {

std::uint64_t next_multiple(std::uint64_t at_least, std::uint64_t every) {
  if (every == 0) return std::numeric_limits<std::uint64_t>::max();
  return (at_least + every - 1) / every * every;
}

}  // namespace

std::uint64_t record_place(std::uint64_t step, const RecorderOptions& options) {
  const std::uint64_t next_validation = next_multiple(step + 1, options.validation_every);
  const std::uint64_t next_checkpoint = next_multiple(step, options.checkpoint_every);
  return std::min(next_validation - 1, next_checkpoint);
}

Recorder::Recorder(MetricsLog& log, const RecorderOptions& options,
                   std::function<void(const StepReport&)> on_step,
                   std::function<void(const ValidationResult&)> on_validation)
    : log_(log),
      options_(options),
      on_step_(std::move(on_step)),
      on_validation_(std::move(on_validation)) {}

void Recorder::expect(const ValidationResult& result) {
  last_ = result;
  open_.push_back({.request = {.step = result.step, .weights = nullptr}, .result = result});
}

void Recorder::ask(const ValidationRequest& request) {
  open_.push_back({.request = request, .result = std::nullopt});
}

std::deque<Recorder::Pending>::iterator Recorder::find(std::uint64_t step) {
  return std::find_if(open_.begin(), open_.end(),
                      [&](const Pending& open) { return open.request.step == step; });
}

Recorder::Checkpoints Recorder::step(const StepDone& done) {
  if (!done.trained) return {};
  const std::uint64_t step = done.report.progress.step;
  if (on_step_) on_step_(done.report);
  items_.push_back({.report = done.report, .validation = {}, .checkpoint = nullptr});
  if (done.validation) ask(*done.validation);
  for (const Pending& open : open_) {
    if (record_place(open.request.step, options_) == step) {
      items_.push_back({.report = {}, .validation = open.request.step, .checkpoint = nullptr});
    }
  }
  if (done.checkpoint) {
    items_.push_back({.report = {}, .validation = {}, .checkpoint = done.checkpoint});
  }
  return flush();
}

Recorder::Checkpoints Recorder::validated(const ValidationResult& result) {
  if (on_validation_) on_validation_(result);
  last_ = result;
  if (const auto open = find(result.step); open != open_.end()) {
    *open = {.request = {.step = result.step, .weights = nullptr}, .result = result};
  }
  return flush();
}

void Recorder::write(const StepReport& report) {
  if (options_.metrics_every != 0 && report.progress.step % options_.metrics_every == 0) {
    log_.append(training_record(report));
  }
}

Recorder::Checkpoints Recorder::flush() {
  Checkpoints released;
  for (; !items_.empty(); items_.pop_front()) {
    Item& item = items_.front();
    if (item.validation) {
      const auto open = find(*item.validation);
      if (!open->result) break;
      log_.append(validation_record(*open->result));
      open_.erase(open);
    }
    if (item.report) write(*item.report);
    if (item.checkpoint) {
      log_.sync();
      item.checkpoint->progress.validation_loss = loss_after(item.checkpoint->progress.step);
      released.push_back(std::move(item.checkpoint));
    }
  }
  return released;
}

std::optional<double> Recorder::loss_after(std::uint64_t step) const {
  if (!last_ || last_->step != step || !std::isfinite(last_->loss)) return std::nullopt;
  return last_->loss;
}

std::optional<Recorder::Pending> Recorder::end(bool finished) {
  for (const Item& item : items_) {
    if (item.report) write(*item.report);
  }
  items_.clear();
  for (; finished && !open_.empty() && open_.front().result; open_.pop_front()) {
    log_.append(validation_record(*open_.front().result));
  }
  log_.sync();
  if (open_.empty()) return std::nullopt;
  Pending pending = std::move(open_.front());
  open_.clear();
  return pending;
}

}  // namespace charrnn
