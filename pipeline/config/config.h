#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/named_enum.h"
#include "base/standard_error.h"
#include "cluster/cluster.h"
#include "corpus/corpus.h"
#include "corpus/read_text.h"
#include "model/cell.h"
#include "model/device.h"
#include "model/optimizer.h"
#include "model/schedule.h"
#include "serve/options.h"

namespace charrnn {

/// The size of the network and its dropout.
struct ModelOptions {
  /// The recurrent cell of every layer. lstm learns best of the three; gru has three quarters of
  /// its weights, rnn (tanh) a quarter, and forgets soon.
  CellKind cell = CellKind::kLstm;

  /// Units of each layer. Weights, memory and time grow with its square; a larger network
  /// learns more and overfits a small text sooner.
  int hidden = 512;

  /// Recurrent layers, one on top of another.
  int layers = 2;

  /// The probability that an activation is zeroed during training, between layers and before the
  /// output layer, at least 0 and below 1. Raise it when the validation loss rises while the
  /// training loss still falls; 0 suits a text that is large for the network.
  double dropout = 0.5;

  /// What is added to the forget gates' bias at the beginning, of cell = lstm only. With 1, a new
  /// network keeps what it has read for longer, and learns sooner what depends on it.
  double forget_bias = 0.0;
};

/// What happens to characters that the vocabulary of the initial checkpoint lacks.
enum class VocabularyRule {
  kExtend,  ///< they are added to it, and the weights of those that it has stay
  kFreeze,  ///< they are read as its `<unk>`, which is added when it has none
};
template <>
inline constexpr std::array<std::string_view, 2> kWords<VocabularyRule>{"extend", "freeze"};

/// How a network is trained, and for how long. The limits count from the beginning of the run,
/// across restarts; the first one that is reached ends the training.
struct TrainOptions {
  /// B: rows of a batch. Each row reads its own part of the corpus and carries its own state. More
  /// rows use the cores better and take fewer, smoother steps; memory grows with it.
  int batch = 128;

  /// T: characters of a window, which is how far back gradients reach. Memory grows with it.
  int sequence_length = 100;

  /// Limit: passes over the training text; 0: none.
  std::uint64_t epochs = 20;

  /// Limit: optimiser steps; 0: none.
  std::uint64_t max_steps = 0;

  /// Limit: seconds of training; 0: none. Time during which the program did not run is not counted.
  double max_seconds = 0.0;

  /// How gradients become new weights.
  OptimizerOptions optimizer;

  /// How large the steps are over the run.
  ScheduleOptions schedule;

  /// The gradient of all weights together is scaled down to this norm when it is longer; 0: never.
  /// It keeps a rare steep step from undoing what was learned.
  double clip = 5.0;

  /// The seed of the initial weights, the dropout masks and the order of shuffled blocks. The same
  /// seed, text and configuration give the same weights, bit for bit.
  std::uint64_t seed = 1;

  /// A safetensors file, a checkpoint directory or a run directory, in which `run.checkpoint`
  /// chooses, whose weights training starts from; empty: they are drawn from the seed. A run that
  /// resumes goes on from its own checkpoint and ignores this.
  std::filesystem::path initial_weights;

  /// What happens to characters that the vocabulary of the initial checkpoint lacks.
  VocabularyRule vocabulary = VocabularyRule::kExtend;
};

/// When the network is scored on text that it does not learn from.
struct ValidationOptions {
  /// Steps from one validation to the next; 0: only at the end. Each takes the time of scoring
  /// max_chars characters, about a third of what training on them takes.
  std::uint64_t every_steps = 100;

  /// In place of every_steps if above 0: epochs from one validation to the next, for example 1 or
  /// 0.25.
  double every_epochs = 0.0;

  /// The validation reads at most this many characters. Fewer are quicker and make the loss
  /// noisier.
  std::uint64_t max_chars = 1'000'000;

  /// Text to validate on, named as in CorpusOptions::files; empty: the end of corpus.files. With
  /// files of its own for validation, all of corpus.files is trained on.
  std::vector<std::string> files;
};

/// When the state of a run is saved.
struct CheckpointOptions {
  /// Steps from one checkpoint to the next; 0: only when the run stops or ends. A crash loses at
  /// most this many steps.
  std::uint64_t every_steps = 500;

  /// In place of every_steps if above 0: epochs from one checkpoint to the next, for example 1 or
  /// 0.25.
  double every_epochs = 0.0;

  /// Newest checkpoints that are kept; older ones are deleted. Two are kept at least, so that a
  /// damaged one has another behind it.
  int keep = 3;

  /// The best checkpoint is kept besides: of those whose weights were validated, the one with the
  /// lowest validation loss. A checkpoint is validated when its step is also one of validation, as
  /// with the default every_steps of both, and with equal every_epochs.
  bool keep_best = true;
};

/// Where a run keeps its files.
struct RunOptions {
  /// The run directory: checkpoints, metrics and the configuration of the run. A run whose
  /// directory holds a checkpoint resumes from it. Empty stands for `runs/NAME`, where NAME is the
  /// name of the configuration file.
  std::filesystem::path directory;

  /// The checkpoint that `generate`, `evaluate` and `serve` use, and that training takes its
  /// initial weights from when `train.initial_weights` names a run directory: `newest`, `best` (the
  /// lowest validation loss), a step, or the path of a checkpoint's folder. `serve` follows the
  /// newest or the best one while a run goes on. A run that resumes goes on from its newest one.
  std::string checkpoint = "newest";

  /// Resumes although the text, or the order in which it is read, is not the one that the run
  /// began with. Without it, such a run is refused before it changes anything.
  bool accept_changed_corpus = false;

  /// Resumes although settings of the training differ from those of the run: the batch size, the
  /// sequence length, the dropout, the optimiser or one of its settings. What changes is told and
  /// noted in each later checkpoint. Without it, such a run is refused before it changes anything.
  bool accept_changed_training = false;

  /// A file for Perfetto or chrome://tracing that shows where the time goes; empty: none. It grows
  /// with each step, so use it for a short run.
  std::filesystem::path trace;
};

/// What trains the network.
enum class BackendKind {
  kAuto,   ///< kTorch on a GPU, kFused on a CPU
  kTorch,  ///< libtorch with autograd
  kFused,  ///< the CPU kernels of this program
  kHash,   ///< trains nothing: digests its batches, to test the pipeline in front of it
};
template <>
inline constexpr std::array<std::string_view, 4> kWords<BackendKind>{"auto", "torch", "fused",
                                                                     "hash"};

/// What computes, and with how much. None of these changes what is learned, except that the bits
/// of the libtorch backend depend on `kernel_threads`, and all bits on `precision`.
struct RuntimeOptions {
  /// Where the network is trained.
  Device device = Device::kAuto;

  /// What trains it. The two real backends learn the same to within rounding; `fused` is faster on
  /// a CPU.
  BackendKind backend = BackendKind::kAuto;

  /// What the large products multiply; weights, moments and sums are fp32 in any case. `bf16`
  /// trains nearly twice as fast on a CPU with AVX512-BF16 (AMD since Zen 4, Intel since Cooper
  /// Lake and Sapphire Rapids), and rounds numbers to 8 bits for it; `auto` is bf16 on such a CPU
  /// and else fp32. `tf32` and `amp` are for GPUs.
  Precision precision = Precision::kFp32;

  /// Threads of the flow graph; 0: as many as there are cores. They read and encode text, which
  /// takes little, so leave this alone unless the machine is shared.
  int threads = 0;

  /// Threads that compute; 0: as many as there are cores. Lower it to leave cores to others.
  int kernel_threads = 0;

  /// Windows of every row that one read from disk brings. More make reads longer, which helps a
  /// slow disk; memory grows with it.
  int stripe_windows = 32;

  /// Reads that may be under way between the disk and the batches, at least 2. More even out a disk
  /// that answers irregularly; memory grows with it.
  int stripe_credits = 3;
};

/// What metrics.jsonl gets.
struct MetricsOptions {
  /// Steps from one training record to the next. Raise it for long runs of quick steps, whose file
  /// grows by about 150 bytes a record.
  std::uint64_t every_steps = 1;
};

/// How `evaluate` reads the validation text.
enum class EvaluateMode {
  kCold,     ///< on 128 rows side by side, each from a zeroed state: as a training run validates
  kWarm,     ///< from its beginning to its end, so that nearly all of it is read with a past
  kDynamic,  ///< the same, and the weights learn from each window once it is scored
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<EvaluateMode>{"cold", "warm", "dynamic"};

/// What `evaluate` scores, and how.
struct EvaluateOptions {
  /// How the validation text is read. With dynamic, the loss of weights that learn while they read
  /// is told besides that of the weights as they are; the checkpoint stays as it is. A text that
  /// differs from the training text gains most.
  EvaluateMode mode = EvaluateMode::kCold;

  /// Of dynamic: characters that are scored before the weights learn from them. Shorter windows
  /// adapt sooner and take longer.
  int window = 50;

  /// Of dynamic: the rule by which the weights learn.
  OptimizerKind optimizer = OptimizerKind::kAdam;

  /// Of dynamic: the step size of each window, which stays the same.
  double learning_rate = 0.0005;

  /// Text to score, named as in CorpusOptions::files; empty: the validation text.
  std::vector<std::string> files;
  /// What to do about characters of `files` that the model does not know.
  UnknownCharacters unknown = UnknownCharacters::kError;
};

/// What `score` scores, line by line.
struct ScoreOptions {
  /// Text to score, named as in CorpusOptions::files; empty: standard input. Files may be
  /// compressed; all of it is read as UTF-8, or as bytes when the model's symbols are bytes.
  std::vector<std::string> files;

  /// Only this many of the most surprising lines are written, when all have been read; 0: every
  /// line, as it comes.
  int top = 0;

  /// How lines are written: columns for people and tools, or a JSON object a line.
  SampleFormat format = SampleFormat::kText;

  /// What to do about characters that the model does not know.
  UnknownCharacters unknown = UnknownCharacters::kReplace;
};

/// Where `export` writes.
struct ExportOptions {
  /// The directory of the exported files; it must be empty, or not exist yet.
  std::filesystem::path directory;
};

/// How large a network `init` writes down.
enum class ModelSize {
  kAuto,    ///< as the time of training allows
  kSmall,   ///< a layer of 256 units, for minutes
  kMedium,  ///< a layer of 512 units, for an hour
  kLarge,   ///< the lecture's two layers of 512 units, for hours
};
template <>
inline constexpr std::array<std::string_view, 4> kWords<ModelSize>{"auto", "small", "medium",
                                                                   "large"};

/// What `init` writes, besides what `corpus.files` and `train.max_seconds` say.
struct InitOptions {
  /// The configuration file to write; it must not exist yet. Empty: it is asked for on a terminal,
  /// else it is named after the text.
  std::filesystem::path config;

  /// The size of the network. `auto` follows from train.max_seconds.
  ModelSize size = ModelSize::kAuto;
};

/// What `report` tells of, and where.
struct ReportOptions {
  /// Run directories, in the order of their colours; empty: run.directory.
  std::vector<std::string> runs;

  /// The file that is written, and replaced when it is there; empty: report.html in the first run
  /// directory.
  std::filesystem::path page;
};

/// Which batches `inspect` shows.
struct InspectOptions {
  /// The number of the first batch, counted from 0 since the beginning of the run.
  std::uint64_t first_batch = 0;

  /// How many batches are shown.
  std::uint64_t batches = 1;

  /// Rows of each batch, from the first one on; 0: all.
  int rows = 4;
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
  ClusterOptions cluster;
  MetricsOptions metrics;
  LogOptions log;
  ServeOptions serve;
  GenerateOptions generate;
  EvaluateOptions evaluate;
  ScoreOptions score;
  ExportOptions exports;
  InitOptions init;
  ReportOptions report;
  InspectOptions inspect;
};

}  // namespace charrnn
