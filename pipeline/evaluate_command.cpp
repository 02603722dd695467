#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "nodes/batch_source.h"
#include "nodes/validator.h"
#include "pipeline/backend_choice.h"
#include "pipeline/commands.h"
#include "pipeline/newest_model.h"
#include "pipeline/worker.h"

namespace charrnn {
namespace {

// The model's symbol for each symbol of a corpus: their alphabets differ when the text is another.
std::vector<Symbol> translation(const Vocabulary& from, const Vocabulary& to) {
  std::vector<Symbol> table;
  for (const char32_t character : from.characters()) {
    auto symbol = to.find(character);
    if (!symbol) symbol = to.unknown();
    if (!symbol) {
      throw Error(
          ExitCode::kInput,
          fmt::format("the text holds U+{:04X}, which the model's alphabet of {} characters lacks",
                      static_cast<std::uint32_t>(character), to.size()));
    }
    table.push_back(*symbol);
  }
  return table;
}

Lanes lanes_to_score(const Config& config, const Corpus& corpus) {
  const bool own_files = !config.evaluate.files.empty();
  const CharacterRange range =
      own_files ? CharacterRange{.first = 0, .count = corpus.characters()}
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
  CorpusOptions text = config.corpus;
  if (!config.evaluate.files.empty()) text.files = config.evaluate.files;
  const auto corpus = Corpus::open(text, &stop.requested());
  const auto table = translation(corpus->vocabulary(), model.vocabulary);
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
      for (Symbol& symbol : batch->inputs) symbol = table[symbol];
      for (Symbol& symbol : batch->targets) symbol = table[symbol];
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
