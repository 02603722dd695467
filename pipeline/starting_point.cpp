#include "pipeline/starting_point.h"

#include <fmt/format.h>

#include "corpus/error.h"
#include "pipeline/reading_order.h"

namespace charrnn {
namespace {

std::string describe(const NetworkShape& shape) {
  return fmt::format("{} layers of {} units over {} characters", shape.layers, shape.hidden,
                     shape.vocabulary);
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

}  // namespace charrnn
