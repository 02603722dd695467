// How a training runs through the graph: what each stage does, and on which thread.
#include <algorithm>
#include <utility>

#include "nodes/batcher.h"
#include "nodes/encoder.h"
#include "nodes/one_hot_transfer.h"
#include "nodes/reader.h"
#include "pipeline/graph/graph.h"
#include "pipeline/run/training.h"

namespace charrnn {

void Training::train() {
  const std::uint64_t end_batch = step_options_.end_batch;
  // The flag that ends the reading follows a stop, a limit and a failure.
  Reader reader(*corpus_, lanes_,
                {.stripe_windows = config_.runtime.stripe_windows,
                 .first_batch = progress_.next_sequence,
                 .end_batch = end_batch},
                &ending_);
  const Encoder encoder(*corpus_);
  const OneHotTransfer transfer(*backend_);
  const Stages stages{
      .read =
          [&] {
            if (stop_) ending_ = true;
            return reader();
          },
      .encode = [&](const TextStripe& stripe) { return encoder(stripe); },
      .cut = [](const SymbolStripe& stripe) { return cut_batches(stripe); },
      .transfer = [&](Batch batch) { return transfer(std::move(batch)); },
      .asks_for_validation = [&](const Batch& batch) { return step_->asks_for_validation(batch); },
      .begin_step =
          [&](std::shared_ptr<const DeviceBatch> batch) {
            if (stop_) ending_ = true;
            step_->begin(std::move(batch));
          },
      .end_step = [&] { return step_->end(); },
      .stay_begun = [&](const Batch& batch) { return step_->stay_begun(batch); },
      .begin_validation = [&](const ValidationRequest& request) { validator_->begin(request); },
      .advance_validation = [&] { return validator_->advance(); },
      .validation_result = [&] { return validator_->result(); },
      .record_step = [&](const StepDone& done) { return recorder_->step(done); },
      .record_validation =
          [&](const ValidationResult& result) { return recorder_->validated(result); },
      .write_checkpoint =
          [&](const Checkpoint& checkpoint) {
            const auto outcome = (*checkpointer_)(checkpoint);
            if (view_.checkpoint) view_.checkpoint(outcome);
          }};
  const int threads = config_.runtime.threads > 0 ? config_.runtime.threads : available_cores();
  run_graph(stages,
            {.threads = threads,
             .stripe_credits = config_.runtime.stripe_credits,
             .batch_credits = backend_->depth() + 1,
             .kernel_threads = choice_.kernel_threads},
            {.compute = compute_, .validation = compute_, .disk = disk_}, times_);
  progress_ = step_->progress();
  saved_step_ = std::max(saved_step_, checkpointer_->newest());
}

}  // namespace charrnn
