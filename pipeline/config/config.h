#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "corpus/corpus.h"
#include "serve/server.h"

namespace charrnn {

/// The size of the network and its dropout.
struct ModelOptions {
  int hidden = 512;      ///< units of each LSTM layer
  int layers = 2;        ///< LSTM layers
  double dropout = 0.5;  ///< probability that an activation is zeroed, between layers and before fc
};

/// What is trained on and for how long. The limits count from the run's beginning, across restarts;
/// the first that is reached ends the training.
struct TrainOptions {
  int batch = 128;               ///< B: rows of a batch, each a lane of the corpus
  int sequence_length = 100;     ///< T: characters of a window
  std::uint64_t epochs = 20;     ///< limit; 0: none
  std::uint64_t max_steps = 0;   ///< limit; 0: none
  double max_seconds = 0.0;      ///< limit, of training time; 0: none
  double learning_rate = 0.001;  ///< Adam's
  double clip = 5.0;             ///< the gradient's norm is clipped to this; 0: never
  std::uint64_t seed = 1;        ///< of initial weights, dropout masks and shuffling
  /// A safetensors file or a checkpoint directory; empty: drawn from the seed.
  std::filesystem::path initial_weights;
  /// extend | freeze: what to do about characters that a checkpoint's alphabet lacks. They are
  /// added to it, or read as its `<unk>` (which is added when it has none).
  std::string vocabulary = "extend";
};

/// When the network is scored on text that it does not learn from.
struct ValidationOptions {
  std::uint64_t every_steps = 100;      ///< 0: only at the end
  std::uint64_t max_chars = 1'000'000;  ///< of the validation text that are read at most
  /// As CorpusOptions::files; empty: the end of corpus.files. With files of its own for validation,
  /// all of corpus.files is trained on.
  std::vector<std::string> files;
};

/// When the state of a run is saved.
struct CheckpointOptions {
  std::uint64_t every_steps = 500;  ///< 0: only when the run stops or ends
  int keep = 3;                     ///< newest that stay; never fewer than 2 do
};

/// Where a run keeps its files.
struct RunOptions {
  std::filesystem::path directory;  ///< empty stands for `runs/<name of the config>`
  /// Resume although the text, or the order in which it is read, is another than it was.
  bool accept_changed_corpus = false;
  std::filesystem::path trace;  ///< file that shows where the time goes; empty: none
};

/// What computes, and with how much. None of these changes what is learned, except that the
/// libtorch backend's bits depend on `kernel_threads`.
struct RuntimeOptions {
  std::string device = "auto";  ///< auto (cuda where there is a GPU) | cpu | cuda
  /// auto | torch | fused | hash (trains nothing, digests its batches)
  std::string backend = "auto";
  std::string precision = "fp32";  ///< of a GPU's products: fp32 | tf32 | amp
  int threads = 0;                 ///< TBB workers of the graph; 0: the cores
  int kernel_threads = 0;          ///< threads that compute; 0: the cores
  int stripe_windows = 32;         ///< windows of every row that one stripe of text holds
  int stripe_credits = 3;          ///< stripes between disk and batcher at a time, at least 2
};

/// What metrics.jsonl gets.
struct MetricsOptions {
  std::uint64_t every_steps = 1;  ///< a training record each so many steps
};

/// What `evaluate` scores.
struct EvaluateOptions {
  /// As CorpusOptions::files; empty: the validation text.
  std::vector<std::string> files;
};

/// Which batches `inspect` shows.
struct InspectOptions {
  std::uint64_t first_batch = 0;  ///< by its number since the run's beginning
  std::uint64_t batches = 1;      ///< how many
  int rows = 4;                   ///< of each, from the first one on; 0: all
};

/// Everything that can be configured: a struct for each section, a field for each key.
struct Config {
  CorpusOptions corpus;
  ModelOptions model;
  TrainOptions train;
  ValidationOptions validation;
  CheckpointOptions checkpoint;
  RunOptions run;
  RuntimeOptions runtime;
  MetricsOptions metrics;
  ServeOptions serve;
  GenerateOptions generate;
  EvaluateOptions evaluate;
  InspectOptions inspect;
};

}  // namespace charrnn
