#pragma once

#include "nodes/corpus_source.h"
#include "nodes/stages.h"
#include "pipeline/graph/stage_times.h"
#include "pipeline/graph/worker.h"

namespace charrnn {

/// What the graph's nodes call; all are borrowed.
struct Stages {
  CorpusSource& source;
  Trainer& trainer;
  SnapshotScorer& validator;
  RunRecord& recorder;
  CheckpointWriter& checkpointer;
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
