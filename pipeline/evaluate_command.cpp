#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <limits>

#include "nodes/batch_source.h"
#include "nodes/validator.h"
#include "pipeline/backend_choice.h"
#include "pipeline/commands.h"
#include "pipeline/newest_model.h"
#include "pipeline/run_alphabet.h"
#include "pipeline/worker.h"

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

std::shared_ptr<const Corpus> open_in_alphabet_of(const Model& model, const Config& config,
                                                  const std::atomic<bool>* stop) {
  const Named named = files_to_score(config);
  CorpusOptions text = config.corpus;
  text.files = named.files;
  text.min_count = 0;  // what is rare was settled by the training text
  std::vector<std::string> notes;
  auto corpus = Corpus::open(text, stop, read_in(model.vocabulary, named.key, notes));
  for (const auto& note : notes) fmt::print(stderr, "{}\n", note);
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

}  // namespace

ExitCode evaluate_command(const Config& config, StopSignal& stop) {
  const Model model = newest_model(config);
  const auto corpus = open_in_alphabet_of(model, config, &stop.requested());
  const Lanes lanes = lanes_to_score(config, *corpus);
  BatchSource source(*corpus, lanes,
                     {.stripe_windows = 4, .first_batch = 0, .end_batch = lanes.windows()});
  double sum = 0.0;
  std::uint64_t batches = 0;
  Worker compute("compute");
  compute.run([&] {
    const auto backend =
        make_backend(choose_backend(config.runtime), fresh_state(model.network, 1, *model.weights));
    const auto scorer = backend->scorer(model.weights);
    while (auto batch = stop.requested() ? std::nullopt : source.next()) {
      sum += scorer->score(*batch);
      ++batches;
    }
  });
  if (batches < lanes.windows()) return ExitCode::kInterrupted;
  const double loss = sum / static_cast<double>(batches);
  fmt::print(
      "{{\"loss\": {}, \"bits_per_character\": {}, \"perplexity\": {}, \"characters\": {}}}\n",
      loss, loss / std::log(2.0), std::exp(loss),
      batches * static_cast<std::uint64_t>(lanes.rows) * static_cast<std::uint64_t>(lanes.length));
  return ExitCode::kDone;
}

}  // namespace charrnn
