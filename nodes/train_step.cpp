#include "nodes/train_step.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/trace.h"

namespace charrnn {

using Clock = RunningClock;
using Seconds = std::chrono::duration<double>;

void require_finite(const Weights& weights, std::uint64_t step) {
  if (all_finite(weights)) return;
  throw Error(ErrorKind::kDiverged,
              "a weight after step " + std::to_string(step) +
                  " is not a finite number: training diverged. Lower train.learning_rate or "
                  "train.clip");
}

TrainStep::TrainStep(Backend& backend, const TrainStepOptions& options, const Progress& progress,
                     Ending& ending, CheckpointMaker make_checkpoint, Publisher publish)
    : backend_(backend),
      options_(options),
      progress_(progress),
      batches_ahead_(progress.next_batch - progress.step),
      ending_(ending),
      make_checkpoint_(std::move(make_checkpoint)),
      publish_(std::move(publish)) {}

bool TrainStep::asks_for_validation(const Batch& batch) const {
  const std::uint64_t batches = batch.index + 1;
  return batches < options_.end_batch && validates_after(step_of(batch), batches);
}

std::size_t TrainStep::stay_begun(const Batch& batch) const {
  const std::uint64_t step = step_of(batch);
  const std::uint64_t batches = batch.index + 1;
  const bool decides = batches >= options_.end_batch || options_.checkpoint.due(step, batches) ||
                       validates_after(step, batches);
  return decides ? 0 : static_cast<std::size_t>(backend_.depth() - 1);
}

std::shared_ptr<const DeviceBatch> TrainStep::transfer(Batch batch) {
  return backend_.transfer(std::move(batch));
}

void TrainStep::begin(std::shared_ptr<const DeviceBatch> batch) {
  Begun begun{.batch = std::move(batch), .result = {}, .learning_rate = 0.0, .at = Clock::now()};
  if (!origin_) {
    origin_ = begun.at - std::chrono::duration_cast<Clock::duration>(Seconds(progress_.seconds));
  }
  if (!ending_.has_come()) {
    const std::uint64_t step = progress_.step + begun_.size() + 1;
    begun.learning_rate = learning_rate(step);
    begun.result =
        backend_.begin(begun.batch, {.step = step,
                                     .seed = options_.seed,
                                     .dropout = options_.dropout,
                                     .learning_rate = static_cast<float>(begun.learning_rate),
                                     .clip = options_.clip});
  }
  begun_.push_back(std::move(begun));
}

double TrainStep::learning_rate(std::uint64_t step) const {
  const RunLength length{.steps = last_step(options_.end_batch, progress_),
                         .seconds = options_.max_seconds};
  return schedule(options_.schedule.kind)
      .learning_rate(options_.schedule,
                     {.step = step, .done = share_done(length, step - 1, progress_.seconds)});
}

StepDone TrainStep::end() {
  const Begun begun = std::move(begun_.front());
  begun_.pop_front();
  if (!begun.result) return {};
  StepDone done{.trained = true, .report = report(begun), .validation = {}, .checkpoint = {}};
  if (options_.end_run(progress_)) {
    ending_.reach_limit();
    return done;
  }
  const bool validate = validates_after(progress_.step, progress_.next_batch);
  take_snapshot(done, validate);
  return done;
}

StepReport TrainStep::report(const Begun& begun) {
  const Batch& host = begun.batch->host();
  const std::uint64_t step = progress_.step + 1;
  const StepResult result = begun.result();
  const auto now = Clock::now();
  // A step that was begun behind another had the device only from that one's end on.
  const auto since = std::max(begun.at, std::exchange(last_end_, now));
  if (!std::isfinite(result.loss) || !std::isfinite(result.gradient_norm)) {
    throw Error(ErrorKind::kDiverged,
                "the loss of step " + std::to_string(step) +
                    " is not a number: training diverged. Lower train.learning_rate or "
                    "train.clip");
  }
  const auto characters =
      static_cast<std::uint64_t>(host.whole()) * static_cast<std::uint64_t>(host.length);
  double seconds = Seconds(now - *origin_).count();
  if (options_.agreement != nullptr) {
    const StepAgreement::Settled settled = options_.agreement->after_step(seconds);
    seconds = settled.seconds;
    if (settled.ends) ending_.reach_limit();
  }
  progress_ = {.step = step,
               .next_batch = host.index + 1,
               .epoch = host.epoch,
               .characters = progress_.characters + characters,
               .seconds = seconds,
               .train_loss = result.loss,
               .learning_rate = begun.learning_rate};
  return {.progress = progress_,
          .characters_per_second = static_cast<double>(characters) / Seconds(now - since).count(),
          .gradient_norm = result.gradient_norm};
}

void TrainStep::take_snapshot(StepDone& done, bool validate) {
  std::shared_ptr<const Weights> weights;
  const bool checkpoint = options_.checkpoint.due(progress_.step, progress_.next_batch);
  if (!checkpoint && !validate) return;
  const TraceSpan span("snapshot");
  if (checkpoint) {
    done.checkpoint = make_checkpoint_(backend_.state(), progress_);
    weights = {done.checkpoint, &model_weights(done.checkpoint->state)};
  } else {
    weights = backend_.weights();
  }
  require_finite(*weights, progress_.step);
  if (validate) done.validation = ValidationRequest{.step = progress_.step, .weights = weights};
  publish_(progress_, std::move(weights));
}

}  // namespace charrnn
