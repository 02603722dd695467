#include "pipeline/run/training.h"

#include <utility>

#include "base/error.h"
#include "model/hash_backend.h"
#include "nodes/corpus_source.h"
#include "pipeline/graph/graph.h"
#include "pipeline/run/disk_space.h"
#include "pipeline/run/shared_start.h"

namespace charrnn {

namespace {

// What this process has of a run on several machines.
StartingPoint shared(StartingPoint start, std::shared_ptr<Partners> partners) {
  if (!partners) return start;
  if (start.choice.backend != BackendKind::kFused) {
    throw Error(ErrorKind::kConfig,
                "on several machines only the fused kernels train. Say runtime.backend = fused");
  }
  const RowShare own = partners->share(start.lanes.rows);
  start.lanes.first_read = own.first;
  start.lanes.rows_read = own.count;
  start.partners = std::move(partners);
  return start;
}

}  // namespace

// On several machines, a request to stop is one that all ranks settle together.
Training::Training(const Config& config, PublishedSnapshot& published,
                   const std::atomic<bool>& stop, TrainingView view,
                   std::shared_ptr<Partners> partners)
    : config_(config),
      view_(std::move(view)),
      directory_(config.run.directory),
      start_(shared(find_starting_point(config, directory_.store(), &stop), partners)),
      ending_(partners ? never_ : stop),
      snapshots_(config, start_, published),
      nodes_(config, start_, prepare(), directory_, snapshots_, ending_, stop, view_),
      end_(config, start_, directory_, snapshots_, nodes_, stop, view_) {}

// Tells what was found and takes the run directory back to there. Returns the state to start from.
TrainState Training::prepare() {
  const auto say = [this](const std::string& line) {
    if (view_.message) view_.message(line);
  };
  for (const auto& warning : start_.warnings) say("warning: " + warning);
  for (const auto& note : start_.notes) say(note);
  directory_.open_log();
  if (!train_step_options(config_, start_).end_run(start_.progress) || start_.pending) {
    directory_.go_on_from(start_.progress.step, start_.pending, config_);
  }
  const std::uint64_t checkpoint =
      checkpoint_bytes(start_.network, start_.lanes.rows, start_.state.optimizer);
  if (auto line = little_space(directory_.path(), checkpoint, free_bytes(directory_.path()))) {
    say("warning: " + *line);
  }
  return std::exchange(start_.state, {});
}

TrainingEnd Training::run() {
  if (end_.finished() && !end_.pending()) return TrainingEnd::kFinished;
  if (end_.pending() && !end_.finish_pending()) return TrainingEnd::kStopped;
  if (trains()) train_or_save();
  return end_.end();
}

void Training::train_or_save() {
  try {
    train();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kDiverged) {
      if (start_.partners) start_.partners->cluster().close();
      throw Error(error.kind(), std::string(error.what()) + "; " + end_.what_is_saved());
    }
    end_.save_after_failure(error.what());
    throw;
  }
}

void Training::meet() {
  if (!start_.partners) return;
  Cluster& cluster = start_.partners->cluster();
  SharedStart told{.numbers = {.lanes = start_.lanes,
                               .network = start_.network,
                               .optimizer = {},
                               .progress = start_.progress,
                               .steps = 0,
                               .end_batch = start_.end_batch,
                               .precision = start_.choice.precision,
                               .trains = trains()},
                   .vocabulary = start_.corpus->vocabulary().to_json(),
                   .fingerprint = start_.corpus->fingerprint(),
                   .config = shared_config(config_)};
  TrainState state;
  nodes_.compute.run([&] { state = nodes_.backend->state(); });
  told.numbers.optimizer = state.optimizer;
  told.numbers.steps = state.steps;
  share(cluster, told);
  cluster.together([] {});  // the others open the text
  share(cluster, state);
  cluster.together([] {});
  if (!trains()) cluster.close();
}

void Training::train() {
  CorpusSource source(*start_.corpus, start_.lanes,
                      {.stripe_windows = config_.runtime.stripe_windows,
                       .first_batch = progress().next_batch,
                       .end_batch = start_.end_batch},
                      &ending_);
  const int threads = config_.runtime.threads > 0 ? config_.runtime.threads : available_cores();
  run_graph({.source = source,
             .trainer = *nodes_.step,
             .validator = *nodes_.validator,
             .recorder = nodes_.recorder,
             .checkpointer = nodes_.checkpointer},
            {.threads = threads,
             .stripe_credits = config_.runtime.stripe_credits,
             .batch_credits = nodes_.backend->depth() + 1,
             .kernel_threads = start_.choice.kernel_threads},
            {.compute = nodes_.compute, .validation = nodes_.compute, .disk = nodes_.disk}, times_);
}

std::string Training::digest() const {
  const auto* hash = dynamic_cast<const HashBackend*>(nodes_.backend.get());
  return hash != nullptr ? hash->digest() : std::string();
}

}  // namespace charrnn
