#include "pipeline/run/run_end.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace charrnn {

RunEnd::RunEnd(const Config& config, const StartingPoint& start, RunDirectory& directory,
               RunSnapshots& snapshots, RunNodes& nodes, const std::atomic<bool>& stop,
               const TrainingView& view)
    : config_(config),
      options_(train_step_options(config, start)),
      first_step_(start.progress.step),
      pending_(start.pending),
      partners_(start.partners),
      directory_(directory),
      snapshots_(snapshots),
      nodes_(nodes),
      stop_(stop),
      view_(view) {}

bool RunEnd::finished() const { return options_.end_run(progress()); }

std::optional<ValidationResult> RunEnd::validate(const ValidationRequest& request) {
  nodes_.compute.run([&] {
    nodes_.validator->begin(request);
    while (nodes_.validator->advance()) {
    }
  });
  return nodes_.validator->result();
}

bool RunEnd::finish_pending() {
  ValidationResult result{.step = pending_->step,
                          .loss = pending_->loss.value_or(0.0),
                          .characters = pending_->characters,
                          .seconds = 0.0};
  if (!pending_->loss) {
    const auto validated = validate({.step = pending_->step, .weights = pending_->weights});
    if (!validated) return false;
    result = *validated;
  }
  nodes_.recorder.validated(result);
  return true;
}

TrainingEnd RunEnd::end() {
  const bool finished_now = finished();
  TrainState last = state();
  if (partners_) partners_->cluster().close();
  // A validation of this very step was taken over from the checkpoint, and is done.
  const bool validated_last = pending_ && pending_->step == progress().step;
  carry_over(nodes_.recorder.end());
  if (finished_now && !pending_ && !validated_last) validate_last();
  save(std::move(last));
  return finished_now && !pending_ ? TrainingEnd::kFinished : TrainingEnd::kStopped;
}

void RunEnd::validate_last() {
  std::shared_ptr<const Weights> weights;
  nodes_.compute.run([&] { weights = nodes_.backend->weights(); });
  require_finite(*weights, progress().step);
  if (options_.validates) {
    const ValidationRequest request{.step = progress().step, .weights = weights};
    if (const auto result = validate(request)) {
      nodes_.recorder.validated(*result);
      nodes_.recorder.end();
    } else {
      carry_over(request);
    }
  }
  snapshots_.publish(progress(), std::move(weights));
}

void RunEnd::carry_over(const std::optional<ValidationRequest>& open) {
  pending_.reset();
  if (!open) return;
  pending_ =
      PendingValidation{.step = open->step, .loss = {}, .characters = 0, .weights = open->weights};
}

std::string RunEnd::what_is_saved() const {
  const std::uint64_t saved = std::max(first_step_, nodes_.checkpointer.newest());
  if (saved == 0) return "no checkpoint had been written yet";
  return fmt::format("the checkpoint of step {} is intact", saved);
}

void RunEnd::save_after_failure(const std::string& failure) {
  if (partners_ && !partners_->can_save_after(failure)) return say(what_is_saved());
  save_what_was_trained();
  if (partners_) partners_->cluster().close();
}

void RunEnd::save_what_was_trained() {
  const std::uint64_t step = progress().step;
  try {
    TrainState last = state();
    if (step <= first_step_) return;
    directory_.put_back(config_);
    carry_over(nodes_.recorder.end());
    save(std::move(last));
    say(fmt::format("the state after step {} was saved", step));
  } catch (const std::exception& error) {
    say(fmt::format("warning: the state after step {} could not be saved: {}", step, error.what()));
  }
}

TrainState RunEnd::state() {
  TrainState state;
  nodes_.compute.run([&] { state = nodes_.backend->state(); });
  if (partners_ && !partners_->cluster().closed()) partners_->gather_rows(state);
  return state;
}

void RunEnd::save(TrainState state) {
  Checkpoint checkpoint = snapshots_.checkpoint(std::move(state), progress());
  checkpoint.pending_validation = pending_;
  if (const auto loss = nodes_.recorder.loss_after(progress().step)) {
    checkpoint.progress.validation_loss = loss;
  }
  CheckpointOutcome outcome;
  nodes_.disk.run([&] { outcome = nodes_.checkpointer.write(checkpoint); });
  if (!outcome.written) throw Error(ErrorKind::kIo, outcome.error);
}

void RunEnd::say(const std::string& line) const {
  if (view_.message) view_.message(line);
}

}  // namespace charrnn
