#include "pipeline/run/starting_point.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/readable_number.h"
#include "model/grown_weights.h"
#include "nodes/validator.h"
#include "pipeline/run/changed_text.h"
#include "pipeline/run/changed_training.h"
#include "pipeline/run/ill_formed_text.h"
#include "pipeline/run/reading_order.h"
#include "pipeline/run/run_alphabet.h"
#include "pipeline/run/run_model.h"
#include "pipeline/run/text_warnings.h"

namespace charrnn {
namespace {

std::string describe(const NetworkShape& shape) {
  return fmt::format("{} of {} units ({}) over {} characters", counted(shape.layers, "layer"),
                     shape.hidden, word_of(shape.cell), shape.vocabulary);
}

// What a run begins from, besides its text.
struct Origin {
  std::optional<Checkpoint> checkpoint;  // of an earlier run in the same directory
  std::optional<Snapshot> initial;       // train.initial_weights, when that is a checkpoint
};

Origin find_origin(const Config& config, const CheckpointStore& store,
                   std::vector<std::string>& warnings) {
  Origin origin;
  origin.checkpoint = store.newest(&warnings);
  const auto& from = config.train.initial_weights;
  std::error_code ignored;
  const bool is_run = std::filesystem::is_directory(from / "checkpoints", ignored);
  const bool chooses = !origin.checkpoint && is_run;
  if (config.run.checkpoint != "newest" && !chooses) {
    warnings.emplace_back(
        "run.checkpoint has no effect here: training goes on from the newest checkpoint of its run "
        "directory. A new run begins with another one when train.initial_weights names a run "
        "directory or a checkpoint");
  }
  if (chooses) {
    origin.initial = run_model(config, from);
  } else if (!origin.checkpoint && std::filesystem::is_directory(from, ignored)) {
    origin.initial = read_model(from);
  }
  return origin;
}

std::shared_ptr<const Corpus> open_corpus(const Config& config, const Origin& origin,
                                          const std::atomic<bool>* stop,
                                          std::vector<std::string>& notes) {
  return Corpus::open(
      config.corpus, stop,
      run_alphabet(config.train, origin.checkpoint ? &origin.checkpoint->vocabulary : nullptr,
                   origin.initial ? origin.initial->vocabulary.get() : nullptr, notes));
}

// The weights that a new run begins with: drawn from the seed, or those of train.initial_weights.
Weights first_weights(const Config& config, const NetworkShape& shape, const Vocabulary& vocabulary,
                      const std::optional<Snapshot>& initial) {
  const auto& from = config.train.initial_weights;
  if (from.empty()) {
    return initial_weights(shape, config.train.seed, config.model.forget_bias);
  }
  if (!initial) return read_weights(from, shape);
  NetworkShape same_alphabet = shape;
  same_alphabet.vocabulary = initial->network.vocabulary;
  if (!(initial->network == same_alphabet)) {
    throw Error(ErrorKind::kCheckpoint,
                fmt::format("train.initial_weights: {} holds {}; this run has {}", from.string(),
                            describe(initial->network), describe(shape)));
  }
  return grown_weights(*initial->weights, initial->network, *initial->vocabulary, vocabulary,
                       config.train.seed);
}

// Throws when a run cannot go on from this checkpoint.
void check_resumable(const Checkpoint& checkpoint, const Config& config, const NetworkShape& shape,
                     const Corpus& corpus) {
  check_same_text(checkpoint, config, corpus);
  check_reading_order(checkpoint, config);
  changed_training(checkpoint, config);
  const NetworkShape& saved = checkpoint.state.network;
  if (!(saved == shape) || !(checkpoint.vocabulary == corpus.vocabulary())) {
    throw Error(
        ErrorKind::kCheckpoint,
        fmt::format("the checkpoint of step {} in {} is of a network with {}; the configuration "
                    "asks for {}{}. Choose another run.directory",
                    checkpoint.progress.step, config.run.directory.string(), describe(saved),
                    describe(shape), saved == shape ? ", but other ones" : ""));
  }
}

// The batch behind the last one. Steps and batches are the same numbers until a run goes on with
// batches of another size.
std::uint64_t end_batch(const TrainOptions& train, const Lanes& lanes, const Progress& at) {
  constexpr auto kNever = std::numeric_limits<std::uint64_t>::max();
  const bool endless = train.epochs == 0 || train.epochs > kNever / lanes.windows();
  const std::uint64_t steps_left = train.max_steps - std::min(train.max_steps, at.step);
  return std::min(endless ? kNever : train.epochs * lanes.windows(),
                  train.max_steps == 0 ? kNever : at.next_batch + steps_left);
}

void warn_of_the_text(const Config& config, StartingPoint& start) {
  if (auto line = ill_formed_text(*start.corpus, config.corpus)) start.warnings.push_back(*line);
  if (start.validation.corpus != start.corpus) {
    if (auto line = ill_formed_text(*start.validation.corpus, config.corpus)) {
      start.warnings.push_back(*line);
    }
  }
  if (!start.validates() && start.choice.backend != BackendKind::kHash) {
    start.warnings.emplace_back(
        "the validation text is too short for one batch of 100 characters: no validation. Raise "
        "corpus.validation_fraction");
  }
  if (start.lanes.shuffle_block > start.lanes.text.count / 2) {
    start.warnings.push_back(
        fmt::format("the {} characters of the training text hold fewer than two blocks of {}: "
                    "nothing is shuffled. Lower corpus.shuffle_block",
                    start.lanes.text.count, start.lanes.shuffle_block));
  }
}

// Tells what is trained in another way from here on, and notes it for every later checkpoint.
void note_changes(const std::vector<std::string>& changes, StartingPoint& start) {
  for (const std::string& change : changes) {
    start.changes.push_back(fmt::format("after step {}: {}", start.progress.step, change));
    start.notes.push_back(fmt::format("from step {} on, {}", start.progress.step + 1, change));
  }
}

void go_on_from(Checkpoint checkpoint, const Config& config, StartingPoint& start) {
  const auto changes = changed_training(checkpoint, config);
  adapt_training(start.lanes, config, checkpoint);
  start.resumed = true;
  start.progress = checkpoint.progress;
  start.changes = std::move(checkpoint.changes);
  start.pending = std::move(checkpoint.pending_validation);
  start.state = std::move(checkpoint.state);
  note_changes(changes, start);
}

}  // namespace

Lanes training_lanes(const Corpus& corpus, const Config& config) {
  const Lanes lanes{.text = training_range(corpus.characters(), held_out_fraction(config)),
                    .rows = config.train.batch,
                    .length = config.train.sequence_length,
                    .shuffle_block = config.corpus.order == TextOrder::kShuffled
                                         ? config.corpus.shuffle_block
                                         : 0,
                    .seed = config.train.seed};
  if (lanes.windows() > 0) return lanes;
  const std::uint64_t n = lanes.text.count;
  if (n == 0) {
    throw Error(ErrorKind::kInput,
                fmt::format("the text has {} characters, and nothing of it is left to train on. "
                            "Give more text, or lower corpus.validation_fraction",
                            corpus.characters()));
  }
  const auto length = static_cast<std::uint64_t>(lanes.length);
  const auto fits =
      n >= length ? fmt::format("train.batch = {} with this train.sequence_length", n / length)
                  : fmt::format("train.batch = 1 with train.sequence_length = {}", n);
  throw Error(
      ErrorKind::kInput,
      fmt::format("the training text has {} characters ({} in all), too few for one batch of {} "
                  "rows x {}. The largest that fits is {}",
                  n, corpus.characters(), lanes.rows, lanes.length, fits));
}

StartingPoint find_starting_point(const Config& config, const CheckpointStore& store,
                                  const std::atomic<bool>* stop) {
  StartingPoint start;
  start.choice = choose_backend(config.runtime);
  Origin origin = find_origin(config, store, start.warnings);
  start.corpus = open_corpus(config, origin, stop, start.notes);
  const Vocabulary& vocabulary = start.corpus->vocabulary();
  start.network = {.vocabulary = static_cast<int>(vocabulary.size()),
                   .hidden = config.model.hidden,
                   .layers = config.model.layers,
                   .cell = config.model.cell};
  start.lanes = training_lanes(*start.corpus, config);
  if (origin.checkpoint) check_resumable(*origin.checkpoint, config, start.network, *start.corpus);
  start.validation = open_validation_text(config, start.corpus, stop, start.notes);
  start.validation_lanes = validation_lanes(start.validation.range, config.validation.max_chars);
  start.fingerprint = text_fingerprint(*start.corpus, *start.validation.corpus);
  warn_of_the_text(config, start);
  if (origin.checkpoint) {
    if (!is_validation_text(origin.checkpoint->corpus_fingerprint, *start.corpus,
                            *start.validation.corpus)) {
      start.warnings.emplace_back(
          "the validation text is another one than before: its losses do not go on from the "
          "earlier ones");
    }
    go_on_from(std::move(*origin.checkpoint), config, start);
  } else {
    for (auto& line : text_warnings(config, *start.corpus, start.validation, stop)) {
      start.warnings.push_back(std::move(line));
    }
    start.state = fresh_state(start.network, config.train.batch,
                              first_weights(config, start.network, vocabulary, origin.initial),
                              config.train.optimizer);
    start.progress.learning_rate = config.train.schedule.learning_rate;
  }
  start.end_batch = end_batch(config.train, start.lanes, start.progress);
  return start;
}

}  // namespace charrnn
