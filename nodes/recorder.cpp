#include "nodes/recorder.h"

#include <cmath>
#include <utility>

namespace charrnn {

Recorder::Recorder(MetricsLog& log, std::uint64_t metrics_every,
                   std::function<void(const StepReport&)> on_step,
                   std::function<void(const ValidationResult&)> on_validation)
    : log_(log),
      metrics_every_(metrics_every),
      on_step_(std::move(on_step)),
      on_validation_(std::move(on_validation)) {}

Recorder::Checkpoints Recorder::step(const StepDone& done) {
  if (!done.trained) return {};
  if (on_step_) on_step_(done.report);
  if (metrics_every_ != 0 && done.report.progress.step % metrics_every_ == 0) {
    log_.append(training_record(done.report));
  }
  if (done.validation) open_.push_back(*done.validation);
  if (done.checkpoint) held_.push_back(done.checkpoint);
  return release();
}

Recorder::Checkpoints Recorder::validated(const ValidationResult& result) {
  if (on_validation_) on_validation_(result);
  log_.append(validation_record(result));
  last_ = result;
  std::erase_if(open_, [&](const ValidationRequest& open) { return open.step == result.step; });
  return release();
}

Recorder::Checkpoints Recorder::release() {
  Checkpoints released;
  while (!held_.empty() && (open_.empty() || open_.front().step > held_.front()->progress.step)) {
    if (released.empty()) log_.sync();
    Progress& progress = held_.front()->progress;
    progress.validation_loss = loss_after(progress.step);
    released.push_back(std::move(held_.front()));
    held_.pop_front();
  }
  return released;
}

std::optional<double> Recorder::loss_after(std::uint64_t step) const {
  if (!last_ || last_->step != step || !std::isfinite(last_->loss)) return std::nullopt;
  return last_->loss;
}

std::optional<ValidationRequest> Recorder::end() {
  log_.sync();
  held_.clear();
  if (open_.empty()) return std::nullopt;
  ValidationRequest open = std::move(open_.front());
  open_.clear();
  return open;
}

}  // namespace charrnn
