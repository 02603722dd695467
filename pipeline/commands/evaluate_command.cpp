#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

#include "model/fused/packed_scorer.h"
#include "nodes/batch_source.h"
#include "nodes/validator.h"
#include "pipeline/commands/commands.h"
#include "pipeline/commands/standard_output.h"
#include "pipeline/graph/worker.h"
#include "pipeline/run/backend_choice.h"
#include "pipeline/run/ill_formed_text.h"
#include "pipeline/run/newest_model.h"
#include "pipeline/run/run_alphabet.h"

namespace charrnn {
namespace {

// The text to score, and the key that names it.
struct Named {
  const std::vector<std::string>& files;
  const char* key;
};

Named files_to_score(const Config& config) {
  if (!config.evaluate.files.empty()) return {config.evaluate.files, "evaluate.files"};
  if (!config.validation.files.empty()) return {config.validation.files, "validation.files"};
  return {config.corpus.files, "corpus.files"};
}

std::shared_ptr<const Corpus> open_in_alphabet_of(const Snapshot& model, const Config& config,
                                                  const std::atomic<bool>* stop) {
  const Named named = files_to_score(config);
  CorpusOptions text = config.corpus;
  text.files = named.files;
  text.key = named.key;
  text.min_count = 0;  // what is rare was settled by the training text
  std::vector<std::string> notes;
  auto corpus = Corpus::open(text, stop, read_in(*model.vocabulary, named.key, notes));
  for (const auto& note : notes) fmt::print(stderr, "{}\n", note);
  if (const auto line = ill_formed_text(*corpus, text)) fmt::print(stderr, "warning: {}\n", *line);
  return corpus;
}

Lanes lanes_to_score(const Config& config, const Corpus& corpus) {
  const bool own_files = !config.evaluate.files.empty();
  const CharacterRange all{.first = 0, .count = corpus.characters()};
  const CharacterRange range =
      own_files || !config.validation.files.empty()
          ? all
          : validation_range(corpus.characters(), config.corpus.validation_fraction);
  const Lanes lanes = validation_lanes(
      range, own_files ? std::numeric_limits<std::uint64_t>::max() : config.validation.max_chars);
  if (lanes.windows() > 0) return lanes;
  throw Error(
      ExitCode::kInput,
      fmt::format("the text to score has {} characters; 100 are needed at least", range.count));
}

// Mean losses in nats over the batches so far.
struct Losses {
  double exact = 0.0;
  std::optional<double> rounded;  // with serve.weights = int8: as texts are made
  std::uint64_t batches = 0;
};

Losses score_all(const Config& config, const Snapshot& model, BatchSource& source,
                 const std::atomic<bool>& stop) {
  const auto scorer = make_scorer(choose_backend(config.runtime), model.network, model.weights);
  std::optional<PackedNetwork> network;
  std::optional<PackedScorer> rounded;
  if (config.serve.weights != WeightFormat::kFloat32) {
    network.emplace(
        model.network, *model.weights,
        PackedNetworkOptions{.threads = serving_threads(config), .weights = config.serve.weights});
    rounded.emplace(*network);
  }
  Losses sum;
  if (rounded) sum.rounded = 0.0;
  while (auto batch = stop ? std::nullopt : source.next()) {
    sum.exact += scorer->score(*batch);
    if (rounded) *sum.rounded += rounded->score(*batch);
    ++sum.batches;
  }
  if (sum.batches == 0) return sum;
  const auto batches = static_cast<double>(sum.batches);
  sum.exact /= batches;
  if (rounded) *sum.rounded /= batches;
  return sum;
}

void print(const Losses& losses, std::uint64_t characters) {
  std::string text = fmt::format(
      "{{\"loss\": {}, \"bits_per_character\": {}, \"perplexity\": {}, \"characters\": {}",
      losses.exact, losses.exact / std::log(2.0), std::exp(losses.exact), characters);
  if (losses.rounded) {
    text += fmt::format(", \"int8_loss\": {}, \"int8_adds\": {}", *losses.rounded,
                        *losses.rounded - losses.exact);
  }
  write_out(text + "}\n");
}

}  // namespace

ExitCode evaluate_command(const Config& config, StopSignal& stop) {
  const Snapshot model = newest_model(config);
  const auto corpus = open_in_alphabet_of(model, config, &stop.requested());
  const Lanes lanes = lanes_to_score(config, *corpus);
  BatchSource source(*corpus, lanes,
                     {.stripe_windows = 4, .first_batch = 0, .end_batch = lanes.windows()});
  Losses losses;
  Worker compute("compute");
  compute.run([&] { losses = score_all(config, model, source, stop.requested()); });
  check_stop(&stop.requested(), "scoring the text");
  print(losses, losses.batches * static_cast<std::uint64_t>(lanes.rows) *
                    static_cast<std::uint64_t>(lanes.length));
  return ExitCode::kDone;
}

}  // namespace charrnn
