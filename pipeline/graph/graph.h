#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "nodes/messages.h"
#include "pipeline/graph/stage_times.h"
#include "pipeline/graph/worker.h"

namespace charrnn {

/// The bodies of the graph's nodes: plain callables. `read`, `cut`, `transfer` and the two
/// `record_` ones are called one at a time; `encode` by many threads at once; those of
/// the train step and of the validation on their workers.
struct Stages {
  std::function<std::optional<TextStripe>()> read;
  std::function<SymbolStripe(const TextStripe&)> encode;
  std::function<std::vector<Batch>(const SymbolStripe&)> cut;
  std::function<std::shared_ptr<const DeviceBatch>(Batch)> transfer;
  /// True: this batch's step begins only when no validation is under way.
  std::function<bool(const Batch&)> asks_for_validation;
  /// Begins a step, behind others that may not have ended.
  std::function<void(std::shared_ptr<const DeviceBatch>)> begin_step;
  /// Ends the step that was begun first.
  std::function<StepDone()> end_step;
  /// How many steps, this batch's the last of them, may stay begun until the next one has begun.
  std::function<std::size_t(const Batch&)> stay_begun;
  std::function<void(const ValidationRequest&)> begin_validation;
  /// Scores one more batch; false when the validation has ended.
  std::function<bool()> advance_validation;
  /// The result; nothing when it was cut off.
  std::function<std::optional<ValidationResult>()> validation_result;
  std::function<std::vector<std::shared_ptr<const Checkpoint>>(const StepDone&)> record_step;
  std::function<std::vector<std::shared_ptr<const Checkpoint>>(const ValidationResult&)>
      record_validation;
  std::function<void(const Checkpoint&)> write_checkpoint;
};

/// What bounds the graph: its memory is these credits times the size of what they stand for.
struct GraphOptions {
  int threads = 2;         ///< TBB workers, the calling thread included
  int stripe_credits = 3;  ///< stripes between the reader and the last of their batches; >= 2
  int batch_credits =
      2;  ///< batches in front of and in the train step; one more than the backend's depth
  int snapshot_credits = 2;  ///< snapshots on their way to validation or disk besides
  int kernel_threads = 1;    ///< threads that the train step's own kernels use
};

/// Where the stages that own a thread run.
struct GraphWorkers {
  Worker& compute;     ///< train steps, and validation in its turns when it is the same worker
  Worker& validation;  ///< may be `compute`
  Worker& disk;        ///< writes checkpoints
};

/// Runs the whole flow once: until the reader ends and everything inside has drained. An exception
/// of a stage stops the source and comes out once, as an Error with the stage's name in front; what
/// it was keeps its exit code. The calling thread works too.
void run_graph(const Stages& stages, const GraphOptions& options, const GraphWorkers& workers,
               StageTimes& times);

}  // namespace charrnn
