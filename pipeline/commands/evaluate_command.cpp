#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/readable_number.h"
#include "base/standard_error.h"
#include "corpus/alphabets.h"
#include "corpus/read_text.h"
#include "model/fused/packed_scorer.h"
#include "nodes/batch_source.h"
#include "nodes/validator.h"
#include "pipeline/commands/commands.h"
#include "pipeline/commands/standard_output.h"
#include "pipeline/graph/worker.h"
#include "pipeline/run/backend_choice.h"
#include "pipeline/run/dynamic_score.h"
#include "pipeline/run/model_text.h"
#include "pipeline/run/run_alphabet.h"
#include "pipeline/run/run_model.h"
#include "pipeline/run/text_score.h"

namespace charrnn {
namespace {

// Mean losses in nats.
struct Losses {
  const char* measure;
  double exact = 0.0;
  std::optional<double> rounded = {};  // as texts are made, when serve.weights is not fp32
  std::uint64_t characters = 0;        // that they are means of
  std::optional<double> dynamic = {};  // of weights that learn while they read
};

std::unique_ptr<const PackedNetwork> packed(const Config& config, const Snapshot& model,
                                            WeightFormat format) {
  return std::make_unique<const PackedNetwork>(
      model.network, *model.weights,
      PackedNetworkOptions{.threads = serving_threads(config), .weights = format});
}

// The network that texts are made with, when its weights are not fp32; else null.
std::unique_ptr<const PackedNetwork> rounded(const Config& config, const Snapshot& model) {
  if (config.serve.weights == WeightFormat::kFloat32) return nullptr;
  return packed(config, model, config.serve.weights);
}

// --- evaluate.files: every transition of the text, as the endpoint's /v1/score has them.

// With evaluate.unknown other than error a text may hold what the model does not know: it is read
// in a vocabulary that has a symbol for it.
ChooseAlphabet choose_alphabet(const Snapshot& model, UnknownCharacters unknown,
                               std::vector<std::string>& notes) {
  if (unknown == UnknownCharacters::kError || model.vocabulary->unknown()) {
    return read_in(*model.vocabulary, "evaluate.files", "evaluate.unknown = skip or replace",
                   notes);
  }
  return [&, unknown](const Vocabulary& found) {
    const Vocabulary strange = lacking(*model.vocabulary, found);
    if (strange.size() > 0) {
      notes.push_back(fmt::format(
          "evaluate.files holds {} characters that the model does not know: {}. They are {}",
          grouped(strange.size()), counted_characters(strange),
          unknown == UnknownCharacters::kSkip ? "left out" : "replaced"));
    }
    return frozen(*model.vocabulary, found);
  };
}

TextScoreOptions score_options(const Config& config, const Snapshot& model, const Corpus& corpus,
                               const std::atomic<bool>& stop) {
  TextScoreOptions options;
  options.stop = &stop;
  if (renews_lines()) {
    options.progress = [total = corpus.characters()](std::uint64_t read) {
      const std::string line = fmt::format("{} of {} characters", grouped(read), grouped(total));
      renew(line, line.size());
    };
  }
  const auto instead = stand_in(*model.vocabulary);
  if (model.vocabulary->unknown()) return options;
  if (config.evaluate.unknown == UnknownCharacters::kReplace && instead) {
    options.replaced = corpus.vocabulary().unknown();
    options.replacement = *instead;
  } else {
    options.skipped = corpus.vocabulary().unknown();
  }
  return options;
}

Losses score_text_of(const Config& config, const Snapshot& model, const std::atomic<bool>& stop) {
  std::vector<std::string> notes;
  const auto corpus = open_text(model, config, config.evaluate.files, "evaluate.files", stop,
                                choose_alphabet(model, config.evaluate.unknown, notes));
  for (const auto& note : notes) tell(note);
  const auto options = score_options(config, model, *corpus, stop);
  const auto mean = [&](const PackedNetwork& network, std::uint64_t& transitions) {
    const TextScore score = score_text(*corpus, network, options);
    transitions = score.transitions;
    return score.nats / static_cast<double>(transitions);
  };
  Losses losses{.measure = "text"};
  losses.exact = mean(*packed(config, model, WeightFormat::kFloat32), losses.characters);
  if (losses.characters == 0) {
    throw Error(ErrorKind::kInput,
                "evaluate.files has fewer than two characters: there is no transition to score");
  }
  if (const auto network = rounded(config, model)) {
    losses.rounded = mean(*network, losses.characters);
  }
  return losses;
}

// --- Texts in windows: the validation text as a training validates it, the lecture's measure; and
// texts in order, from which weights may learn.

// The same characters, read by one row.
Lanes in_order(const Config& config, const Lanes& lanes) {
  const auto rows = static_cast<std::uint64_t>(lanes.rows);
  return {.text = {.first = lanes.text.first, .count = rows * lanes.lane_length()},
          .rows = 1,
          .length = config.evaluate.window};
}

BatchSource windows_of(const Corpus& corpus, const Lanes& lanes) {
  return {corpus, lanes, {.stripe_windows = 4, .first_batch = 0, .end_batch = lanes.windows()}};
}

Lanes validation_lanes_of(const Config& config, const Corpus& corpus) {
  const CharacterRange all{.first = 0, .count = corpus.characters()};
  const CharacterRange range =
      config.validation.files.empty()
          ? validation_range(corpus.characters(), config.corpus.validation_fraction)
          : all;
  const Lanes lanes = validation_lanes(range, config.validation.max_chars);
  if (lanes.windows() > 0) return lanes;
  throw Error(ErrorKind::kInput,
              fmt::format("the validation text has {} characters, and the measure of a training "
                          "needs 100. Score a text of any length with evaluate.files",
                          range.count));
}

Losses score_batches(const Config& config, const Snapshot& model, BatchSource& source,
                     const std::atomic<bool>& stop) {
  const auto scorer = make_scorer(choose_backend(config.runtime), model.network, model.weights);
  const auto network = rounded(config, model);
  std::optional<PackedScorer> texts;
  if (network) texts.emplace(*network);
  Losses sum{.measure = "validation"};
  if (texts) sum.rounded = 0.0;
  std::uint64_t batches = 0;
  while (auto batch = stop ? std::nullopt : source.next()) {
    sum.exact += scorer->score(*batch);
    if (texts) *sum.rounded += texts->score(*batch);
    sum.characters += batch->inputs.size();
    ++batches;
  }
  check_stop(&stop, "scoring the text");
  sum.exact /= static_cast<double>(batches);
  if (texts) *sum.rounded /= static_cast<double>(batches);
  return sum;
}

Losses score_validation(const Config& config, const Snapshot& model,
                        const std::atomic<bool>& stop) {
  const bool own = !config.validation.files.empty();
  const char* key = own ? "validation.files" : "corpus.files";
  std::vector<std::string> notes;
  const auto corpus = open_text(model, config, own ? config.validation.files : config.corpus.files,
                                key, stop, read_in(*model.vocabulary, key, "", notes));
  for (const auto& note : notes) tell(note);
  Lanes lanes = validation_lanes_of(config, *corpus);
  if (config.evaluate.mode != EvaluateMode::kCold) lanes = in_order(config, lanes);
  BatchSource source = windows_of(*corpus, lanes);
  Losses losses = score_batches(config, model, source, stop);
  if (config.evaluate.mode == EvaluateMode::kDynamic) {
    BatchSource again = windows_of(*corpus, lanes);
    losses.dynamic = dynamic_score(config, model, again, stop);
  }
  return losses;
}

void print(const Losses& losses, WeightFormat format) {
  std::string text = fmt::format(
      "{{\"loss\": {}, \"bits_per_character\": {}, \"perplexity\": {}, \"characters\": {}, "
      "\"measure\": \"{}\"",
      losses.exact, losses.exact / std::log(2.0), std::exp(losses.exact), losses.characters,
      losses.measure);
  if (losses.rounded) {
    text += fmt::format(", \"{0}_loss\": {1}, \"{0}_adds\": {2}", word_of(format), *losses.rounded,
                        *losses.rounded - losses.exact);
  }
  if (losses.dynamic) {
    text += fmt::format(", \"dynamic_loss\": {}, \"dynamic_gains\": {}", *losses.dynamic,
                        losses.exact - *losses.dynamic);
  }
  write_out(text + "}\n");
}

}  // namespace

void evaluate_command(const Config& config, StopSignal& stop) {
  if (config.evaluate.mode != EvaluateMode::kCold && !config.evaluate.files.empty()) {
    throw Error(ErrorKind::kConfig,
                "evaluate.mode is for the validation text: evaluate.files is always read in order, "
                "with weights that stay as they are. Name the text with validation.files instead");
  }
  const Snapshot model = run_model(config);
  std::optional<Losses> losses;
  Worker compute("compute");
  compute.run([&] {
    losses = config.evaluate.files.empty() ? score_validation(config, model, stop.requested())
                                           : score_text_of(config, model, stop.requested());
  });
  print(*losses, config.serve.weights);
}

}  // namespace charrnn
