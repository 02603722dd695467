// How a training run goes through the graph.
#include <algorithm>
#include <utility>

#include "nodes/corpus_source.h"
#include "pipeline/graph/graph.h"
#include "pipeline/run/training.h"

namespace charrnn {

void Training::train() {
  CorpusSource source(*corpus_, lanes_,
                      {.stripe_windows = config_.runtime.stripe_windows,
                       .first_batch = progress_.next_sequence,
                       .end_batch = step_options_.end_batch},
                      &ending_);
  const int threads = config_.runtime.threads > 0 ? config_.runtime.threads : available_cores();
  run_graph({.source = source,
             .trainer = *step_,
             .validator = *validator_,
             .recorder = *recorder_,
             .checkpointer = *checkpointer_},
            {.threads = threads,
             .stripe_credits = config_.runtime.stripe_credits,
             .batch_credits = backend_->depth() + 1,
             .kernel_threads = choice_.kernel_threads},
            {.compute = compute_, .validation = compute_, .disk = disk_}, times_);
  progress_ = step_->progress();
  saved_step_ = std::max(saved_step_, checkpointer_->newest());
}

}  // namespace charrnn
