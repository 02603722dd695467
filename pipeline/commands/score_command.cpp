#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/readable_number.h"
#include "base/standard_error.h"
#include "corpus/line_reader.h"
#include "corpus/sources.h"
#include "pipeline/commands/commands.h"
#include "pipeline/commands/scored_lines.h"
#include "pipeline/commands/standard_output.h"
#include "pipeline/graph/worker.h"
#include "pipeline/run/backend_choice.h"
#include "pipeline/run/line_score.h"
#include "pipeline/run/run_model.h"

namespace charrnn {
namespace {

constexpr std::size_t kLongestLine = 1 << 16;

LineForm form_of(const ScoreOptions& options, std::vector<std::string> sources) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool colours = no_color == nullptr || *no_color == '\0';
  return {.format = options.format,
          .sources = std::move(sources),
          .marks = colours && ::isatty(STDOUT_FILENO) != 0,
          .characters = options.top > 0};
}

// Lines on their way from the reader to standard output, or to the oddest ones.
class Scoring {
 public:
  Scoring(const ScoreOptions& options, LineForm form, const LineScorer& scorer)
      : form_(std::move(form)),
        scorer_(scorer),
        shows_all_(options.top == 0),
        oddest_(static_cast<std::size_t>(options.top)) {}

  void take(std::vector<TextLine> lines, const std::atomic<bool>& stop) {
    const std::vector<std::string_view> texts = texts_of(lines);
    std::vector<LineScore> scores = scorer_.score(texts, &stop);
    std::string shown;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      count(scores[i]);
      ScoredLine line{std::move(lines[i]), std::move(scores[i])};
      if (shows_all_) {
        shown += shown_line(line, form_);
      } else {
        oddest_.add(std::move(line));
      }
    }
    write_out(shown);
  }

  /// Writes the oddest lines, and what was scored.
  void finish() {
    for (const ScoredLine& line : oddest_.take()) write_out(shown_line(line, form_));
    if (characters_ == 0) return;
    tell(fmt::format("{} lines, {} characters, {:.4f} nats a character", grouped(lines_),
                     grouped(characters_), nats_ / static_cast<double>(characters_)));
  }

 private:
  static std::vector<std::string_view> texts_of(const std::vector<TextLine>& lines) {
    std::vector<std::string_view> texts;
    texts.reserve(lines.size());
    for (const TextLine& line : lines) texts.push_back(line.text);
    return texts;
  }

  void count(const LineScore& score) {
    ++lines_;
    characters_ += score.scored();
    nats_ += score.total();
  }

  const LineForm form_;
  const LineScorer& scorer_;
  const bool shows_all_;
  OddestLines oddest_;
  std::uint64_t lines_ = 0;
  std::uint64_t characters_ = 0;
  double nats_ = 0.0;
};

void score_lines(const Config& config, const Snapshot& model, const std::atomic<bool>& stop) {
  const ScoreOptions& options = config.score;
  std::vector<std::string> files{kStandardInput};
  if (!options.files.empty()) files = find_files(options.files, "score.files");
  LineReader reader(files, kLongestLine, &stop);
  const PackedNetwork network(
      model.network, *model.weights,
      {.threads = serving_threads(config), .weights = config.serve.weights});
  const LineScorer scorer(network, *model.vocabulary,
                          {.what = options.unknown, .text = "a line", .key = "score.unknown"});
  Scoring scoring(options, form_of(options, reader.sources()), scorer);
  try {
    for (auto lines = reader.next(); !lines.empty(); lines = reader.next()) {
      scoring.take(std::move(lines), stop);
    }
  } catch (const Stopped&) {  // what was read before is shown
    scoring.finish();
    throw;
  }
  scoring.finish();
}

}  // namespace

void score_command(const Config& config, StopSignal& stop) {
  const Snapshot model = run_model(config);
  Worker compute("compute");
  compute.run([&] { score_lines(config, model, stop.requested()); });
}

}  // namespace charrnn
