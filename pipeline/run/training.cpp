#include "pipeline/run/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "model/hash_backend.h"
#include "pipeline/config/config_text.h"
#include "pipeline/run/disk_space.h"
#include "pipeline/run/run_files.h"

namespace charrnn {

Training::Training(const Config& config, PublishedSnapshot& published,
                   const std::atomic<bool>& stop, TrainingView view)
    : config_(config),
      published_(published),
      stop_(stop),
      view_(std::move(view)),
      ending_(stop),
      directory_(make_run_directory(config.run.directory)),
      lock_(std::make_unique<RunLock>(directory_)),
      store_(directory_ / "checkpoints"),
      disk_("disk"),
      compute_("compute") {
  store_.remove_leftovers();
  start(take(find_starting_point(config_, store_, &stop_)));
}

Training::~Training() {
  compute_.run([this] {
    step_.reset();
    validator_.reset();
    backend_.reset();
  });
}

void Training::say(const std::string& line) const {
  if (view_.message) view_.message(line);
}

TrainState Training::take(StartingPoint start) {
  for (const auto& warning : start.warnings) say("warning: " + warning);
  for (const auto& note : start.notes) say(note);
  const bool validates = start.validates();
  choice_ = std::move(start.choice);
  corpus_ = std::move(start.corpus);
  validation_corpus_ = std::move(start.validation.corpus);
  fingerprint_ = std::move(start.fingerprint);
  vocabulary_ = std::make_shared<Vocabulary>(corpus_->vocabulary());
  network_ = start.network;
  lanes_ = start.lanes;
  validation_lanes_ = start.validation_lanes;
  set_options(validates, start.end_batch);
  progress_ = start.progress;
  pending_ = std::move(start.pending);
  saved_step_ = progress_.step;
  resumed_ = start.resumed;
  log_ = std::make_unique<MetricsLog>(directory_ / "metrics.jsonl");
  if (!finished() || pending_) {
    log_->rewind(progress_.step, pending_ ? std::optional(pending_->step) : std::nullopt);
    write_config(directory_, config_);
  }
  const std::uint64_t checkpoint = checkpoint_bytes(network_, lanes_.rows, start.state.optimizer);
  if (auto line = little_space(directory_, checkpoint, free_bytes(directory_))) {
    say("warning: " + *line);
  }
  return std::move(start.state);
}

void Training::set_options(bool validates, std::uint64_t end_batch) {
  step_options_ = {.seed = config_.train.seed,
                   .dropout = static_cast<float>(config_.model.dropout),
                   .schedule = {.learning_rate = config_.train.learning_rate},
                   .clip = static_cast<float>(config_.train.clip),
                   .end_batch = end_batch,
                   .max_seconds = config_.train.max_seconds,
                   .validation_every = config_.validation.every_steps,
                   .checkpoint_every = config_.checkpoint.every_steps,
                   .validates = validates};
  recorder_options_ = {.validation_every = validates ? config_.validation.every_steps : 0,
                       .checkpoint_every = config_.checkpoint.every_steps,
                       .metrics_every = config_.metrics.every_steps};
}

void Training::start(const TrainState& state) {
  compute_.run([&] { backend_ = make_backend(choice_, state); });
  publish(progress_, std::make_shared<Weights>(state.weights));
  checkpointer_ = std::make_unique<Checkpointer>(store_, config_.checkpoint.keep, view_.checkpoint);
  recorder_ = std::make_unique<Recorder>(*log_, recorder_options_, view_.step,
                                         [this](const ValidationResult& result) {
                                           validation_loss_ = result.loss;
                                           if (view_.validation) view_.validation(result);
                                         });
  validator_ =
      std::make_unique<Validator>(*validation_corpus_, validation_lanes_, *backend_, &stop_);
  step_ = std::make_unique<TrainStep>(
      *backend_, step_options_, progress_, ending_,
      [this](TrainState saved, const Progress& at) {
        return make_checkpoint(std::move(saved), at);
      },
      [this](const Progress& at, std::shared_ptr<const Weights> weights) {
        publish(at, std::move(weights));
      });
}

bool Training::finished() const {
  const double limit = step_options_.max_seconds;
  return progress_.next_sequence >= step_options_.end_batch ||
         (limit > 0 && progress_.seconds >= limit);
}

void Training::publish(const Progress& at, std::shared_ptr<const Weights> weights) {
  published_.store(std::make_shared<Snapshot>(
      Snapshot{.step = at.step,
               .network = network_,
               .weights = std::move(weights),
               .vocabulary = vocabulary_,
               .train_loss = at.step > 0 ? std::optional(at.train_loss) : std::nullopt,
               .validation_loss = validation_loss_}));
}

std::shared_ptr<const Checkpoint> Training::make_checkpoint(TrainState state,
                                                            const Progress& at) const {
  auto checkpoint = std::make_shared<Checkpoint>();
  checkpoint->state = std::move(state);
  checkpoint->step = at.step;
  checkpoint->epoch = at.epoch;
  checkpoint->next_sequence = at.next_sequence;
  checkpoint->characters = at.characters;
  checkpoint->seconds = at.seconds;
  checkpoint->train_loss = at.train_loss;
  checkpoint->seed = step_options_.seed;
  checkpoint->learning_rate = static_cast<float>(at.learning_rate);
  checkpoint->schedule = step_options_.schedule.kind;
  checkpoint->dropout = step_options_.dropout;
  checkpoint->corpus_fingerprint = fingerprint_;
  checkpoint->config = to_ini(config_);
  checkpoint->vocabulary = *vocabulary_;
  return checkpoint;
}

TrainingEnd Training::run() {
  if (finished() && !pending_) return TrainingEnd::kFinished;
  if (pending_ && !finish_pending()) return TrainingEnd::kStopped;
  try {
    if (!finished()) train();
  } catch (const Error& error) {
    if (error.code() != ExitCode::kDiverged) save_after_failure();
    throw;
  }
  return end();
}

void Training::save_after_failure() {
  progress_ = step_->progress();
  if (progress_.step <= saved_step_) return;
  try {
    carry_over(recorder_->end(false));
    save();
    say(fmt::format("the state after step {} was saved", progress_.step));
  } catch (const std::exception& error) {
    say(fmt::format("warning: the state after step {} could not be saved: {}", progress_.step,
                    error.what()));
  }
}

std::optional<ValidationResult> Training::validate(const ValidationRequest& request) {
  compute_.run([&] {
    validator_->begin(request);
    while (validator_->advance()) {
    }
  });
  return validator_->result();
}

bool Training::finish_pending() {
  ValidationResult result{.step = pending_->step,
                          .loss = pending_->loss.value_or(0.0),
                          .characters = pending_->characters,
                          .seconds = 0.0};
  if (!pending_->loss) {
    const auto validated = validate({.step = pending_->step, .weights = pending_->weights});
    if (!validated) return false;
    result = *validated;
    if (view_.validation) view_.validation(result);
  }
  validation_loss_ = result.loss;
  const std::uint64_t place = record_place(result.step, recorder_options_);
  if (place <= progress_.step || finished()) {
    log_->insert_after(place, result);
  } else {
    recorder_->expect(result);
  }
  return true;
}

TrainingEnd Training::end() {
  const bool finished_now = finished();
  // A validation of this very step was taken over from the checkpoint, and is done.
  const bool validated_last = pending_ && pending_->step == progress_.step;
  const bool carried = carry_over(recorder_->end(finished_now && !stop_));
  if (finished_now && !carried && !validated_last) validate_last();
  save();
  return finished_now && !pending_ ? TrainingEnd::kFinished : TrainingEnd::kStopped;
}

bool Training::carry_over(const std::optional<Recorder::Pending>& open) {
  pending_.reset();
  if (!open) return false;
  pending_ = PendingValidation{
      .step = open->request.step, .loss = {}, .characters = 0, .weights = open->request.weights};
  if (open->result) {
    pending_->loss = open->result->loss;
    pending_->characters = open->result->characters;
  }
  return true;
}

void Training::validate_last() {
  std::shared_ptr<const Weights> weights;
  compute_.run([&] { weights = backend_->weights(); });
  if (step_options_.validates) {
    const ValidationRequest request{.step = progress_.step, .weights = weights};
    if (const auto result = validate(request)) {
      validation_loss_ = result->loss;
      if (view_.validation) view_.validation(*result);
      log_->append(validation_record(*result));
      log_->sync();
    } else {
      pending_ =
          PendingValidation{.step = request.step, .loss = {}, .characters = 0, .weights = weights};
    }
  }
  publish(progress_, std::move(weights));
}

void Training::save() {
  TrainState state;
  compute_.run([&] { state = backend_->state(); });
  auto checkpoint = std::make_shared<Checkpoint>(*make_checkpoint(std::move(state), progress_));
  checkpoint->pending_validation = pending_;
  Checkpointer::Outcome outcome;
  disk_.run([&] { outcome = checkpointer_->write(*checkpoint); });
  if (!outcome.written) throw Error(ExitCode::kIo, outcome.error);
}

std::string Training::digest() const {
  const auto* hash = dynamic_cast<const HashBackend*>(backend_.get());
  return hash != nullptr ? hash->digest() : std::string();
}

}  // namespace charrnn
