#include "pipeline/starting_point.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "corpus/error.h"
#include "nodes/validator.h"
#include "pipeline/reading_order.h"

namespace charrnn {
namespace {

std::string describe(const NetworkShape& shape) {
  return fmt::format("{} layers of {} units over {} characters", shape.layers, shape.hidden,
                     shape.vocabulary);
}

// The weights that a new run begins with: drawn from the seed, or those of train.initial_weights.
Weights first_weights(const Config& config, const NetworkShape& shape,
                      const Vocabulary& vocabulary) {
  const auto& from = config.train.initial_weights;
  if (from.empty()) return initial_weights(shape, config.train.seed);
  if (!std::filesystem::is_directory(from)) return read_weights(from, shape);
  const Model model = read_model(from);
  if (!(model.network == shape) || !(model.vocabulary == vocabulary)) {
    throw Error(ExitCode::kCheckpoint,
                fmt::format("train.initial_weights: {} holds {}; this run has {}{}", from.string(),
                            describe(model.network), describe(shape),
                            model.network == shape ? " with other characters" : ""));
  }
  return *model.weights;
}

// Throws when a run cannot go on from this checkpoint.
void check_resumable(const Checkpoint& checkpoint, const Config& config, const NetworkShape& shape,
                     const Corpus& corpus) {
  if (checkpoint.corpus_fingerprint != corpus.fingerprint() && !config.run.accept_changed_corpus) {
    throw Error(
        ExitCode::kInput,
        fmt::format("the corpus is not the one that {} was trained on. Give the old one, another "
                    "run.directory, or --run.accept_changed_corpus=true to go on with this one",
                    config.run.directory.string()));
  }
  check_reading_order(checkpoint, config);
  const NetworkShape& saved = checkpoint.state.network;
  if (!(saved == shape) || !(checkpoint.vocabulary == corpus.vocabulary())) {
    throw Error(
        ExitCode::kCheckpoint,
        fmt::format("the checkpoint of step {} in {} is of a network with {}; the configuration "
                    "says {}{}. Choose another run.directory",
                    checkpoint.step, config.run.directory.string(), describe(saved),
                    describe(shape), saved == shape ? " that are other ones" : ""));
  }
  if (checkpoint.state.rows != config.train.batch) {
    throw Error(
        ExitCode::kCheckpoint,
        fmt::format("the checkpoint of step {} in {} carries the state of {} rows; train.batch is "
                    "{}. Say train.batch = {} or choose another run.directory",
                    checkpoint.step, config.run.directory.string(), checkpoint.state.rows,
                    config.train.batch, checkpoint.state.rows));
  }
}

std::uint64_t end_batch(const TrainOptions& train, const Lanes& lanes) {
  constexpr auto kNever = std::numeric_limits<std::uint64_t>::max();
  return std::min(train.epochs == 0 ? kNever : train.epochs * lanes.windows(),
                  train.max_steps == 0 ? kNever : train.max_steps);
}

void go_on_from(Checkpoint checkpoint, StartingPoint& start) {
  start.resumed = true;
  start.progress = {.step = checkpoint.step,
                    .next_sequence = checkpoint.next_sequence,
                    .epoch = checkpoint.epoch,
                    .characters = checkpoint.characters,
                    .seconds = checkpoint.seconds,
                    .train_loss = checkpoint.train_loss.value_or(0.0)};
  start.pending = std::move(checkpoint.pending_validation);
  start.state = std::move(checkpoint.state);
}

}  // namespace

Lanes training_lanes(const Corpus& corpus, const Config& config) {
  const Lanes lanes{
      .text = training_range(corpus.characters(), config.corpus.validation_fraction),
      .rows = config.train.batch,
      .length = config.train.sequence_length,
      .shuffle_block = config.corpus.order == "shuffled" ? config.corpus.shuffle_block : 0,
      .seed = config.train.seed};
  if (lanes.windows() > 0) return lanes;
  const std::uint64_t n = lanes.text.count;
  const auto length = static_cast<std::uint64_t>(lanes.length);
  const auto fits =
      n >= length ? fmt::format("train.batch = {} with this train.sequence_length", n / length)
                  : fmt::format("train.batch = 1 with train.sequence_length = {}", n);
  throw Error(
      ExitCode::kInput,
      fmt::format("the training text has {} characters ({} in all), too few for one batch of {} "
                  "rows x {}. The largest that fits is {}",
                  n, corpus.characters(), lanes.rows, lanes.length, fits));
}

StartingPoint find_starting_point(const Config& config, const CheckpointStore& store,
                                  const std::atomic<bool>* stop) {
  StartingPoint start;
  start.choice = choose_backend(config.runtime);
  start.corpus = Corpus::open(config.corpus, stop);
  const Vocabulary& vocabulary = start.corpus->vocabulary();
  start.network = {.vocabulary = static_cast<int>(vocabulary.size()),
                   .hidden = config.model.hidden,
                   .layers = config.model.layers};
  start.lanes = training_lanes(*start.corpus, config);
  start.validation_lanes = validation_lanes(
      validation_range(start.corpus->characters(), config.corpus.validation_fraction),
      config.validation.max_chars);
  start.end_batch = end_batch(config.train, start.lanes);
  if (!start.validates() && start.choice.backend != "hash") {
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
  if (!start.corpus->documents().possible()) {
    start.warnings.push_back(
        fmt::format("the text lacks what corpus.documents = {} looks for: it is one document",
                    config.corpus.documents));
  }
  if (auto checkpoint = store.newest(&start.warnings)) {
    check_resumable(*checkpoint, config, start.network, *start.corpus);
    go_on_from(std::move(*checkpoint), start);
  } else {
    start.state = fresh_state(start.network, config.train.batch,
                              first_weights(config, start.network, vocabulary));
  }
  return start;
}

}  // namespace charrnn
