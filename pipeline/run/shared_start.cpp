#include "pipeline/run/shared_start.h"

#include <fmt/format.h>

#include <span>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/readable_number.h"
#include "pipeline/config/config_text.h"
#include "pipeline/run/run_alphabet.h"

namespace charrnn {
namespace {

static_assert(std::is_trivially_copyable_v<SharedStart::Numbers>);

void check_text(const Corpus& corpus, const SharedStart& told) {
  if (corpus.fingerprint() == told.fingerprint) return;
  throw Error(ErrorKind::kInput,
              fmt::format("the text of corpus.files is another one here, with {} characters, than "
                          "on rank 0. Every machine needs the same text",
                          grouped(corpus.characters())));
}

}  // namespace

std::string shared_config(const Config& config) {
  Config shared;
  shared.corpus = config.corpus;
  shared.corpus.files.clear();
  shared.corpus.cache_directory.clear();
  shared.model = config.model;
  shared.train = config.train;
  shared.train.initial_weights.clear();
  shared.checkpoint = config.checkpoint;
  shared.cluster = config.cluster;
  return to_ini(shared, "/");
}

void share(Cluster& cluster, SharedStart& start) {
  cluster.broadcast(std::as_writable_bytes(std::span(&start.numbers, 1)));
  for (std::string* text : {&start.vocabulary, &start.fingerprint, &start.config}) {
    cluster.broadcast(*text);
  }
}

void share(Cluster& cluster, TrainState& state) {
  cluster.broadcast(std::as_writable_bytes(std::span(state.weights)));
  for (OptimizerSlot& slot : state.slots) {
    cluster.broadcast(std::as_writable_bytes(std::span(slot.values)));
  }
  for (CarriedTensor& tensor : state.carried) {
    cluster.broadcast(std::as_writable_bytes(std::span(tensor.values)));
  }
}

StartingPoint start_as_told(const Config& config, const SharedStart& told,
                            const std::atomic<bool>* stop) {
  if (shared_config(config) != told.config) {
    throw Error(ErrorKind::kConfig,
                "the configuration is another one here than on rank 0. Give every machine the "
                "same");
  }
  StartingPoint start;
  start.choice = choose_backend(config.runtime);
  start.choice.precision = told.numbers.precision;
  const Vocabulary vocabulary = Vocabulary::from_json(told.vocabulary);
  start.corpus =
      Corpus::open(config.corpus, stop, read_in(vocabulary, "corpus.files", "", start.notes));
  check_text(*start.corpus, told);
  start.network = told.numbers.network;
  start.lanes = told.numbers.lanes;
  start.validation_lanes = {.text = {}, .rows = 1, .length = 1};  // rank 0 validates
  start.end_batch = told.numbers.end_batch;
  start.progress = told.numbers.progress;
  start.state = fresh_state(start.network, start.lanes.rows,
                            Weights(parameter_count(start.network)), told.numbers.optimizer);
  start.state.steps = told.numbers.steps;
  return start;
}

}  // namespace charrnn
