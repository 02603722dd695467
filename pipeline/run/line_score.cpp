#include "pipeline/run/line_score.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "model/cross_entropy.h"

namespace charrnn {
namespace {

constexpr std::size_t kRows = 64;

// One row of the network on its way through a line.
struct Row {
  RowState state;
  const std::vector<Symbol>* symbols;
  std::vector<double>* costs;  // of the symbols behind the first
  std::size_t at = 0;          // the symbol that it reads next

  bool ended() const { return at + 1 >= symbols->size(); }
};

// What each symbol behind the first costs, for every text.
class SideBySide {
 public:
  SideBySide(const PackedNetwork& network, const std::vector<std::vector<Symbol>>& texts)
      : network_(network), texts_(texts), costs_(texts.size()) {}

  std::vector<std::vector<double>> run(const std::atomic<bool>* stop) {
    for (fill(); !rows_.empty(); fill()) {
      check_stop(stop, "scoring lines");
      advance();
      std::erase_if(rows_, [](const Row& row) { return row.ended(); });
    }
    return std::move(costs_);
  }

 private:
  void fill() {
    for (; rows_.size() < kRows && next_ < texts_.size(); ++next_) {
      Row row{zero_row_state(network_.shape()), &texts_[next_], &costs_[next_]};
      if (!row.ended()) rows_.push_back(std::move(row));
    }
  }

  void advance() {
    const auto v = static_cast<std::size_t>(network_.shape().vocabulary);
    states_.clear();
    inputs_.clear();
    for (Row& row : rows_) {
      states_.push_back(&row.state);
      inputs_.push_back((*row.symbols)[row.at]);
    }
    scores_.resize(rows_.size() * v);
    network_.advance(states_, inputs_, scores_, 0, [&](std::size_t first, std::size_t count) {
      for (std::size_t i = first; i < first + count; ++i) {
        Row& row = rows_[i];
        row.costs->push_back(
            cross_entropy(std::span(scores_).subspan(i * v, v), (*row.symbols)[++row.at]));
      }
    });
  }

  const PackedNetwork& network_;
  const std::vector<std::vector<Symbol>>& texts_;
  std::vector<std::vector<double>> costs_;
  std::size_t next_ = 0;  // text that nobody reads yet
  std::vector<Row> rows_;
  std::vector<RowState*> states_;
  std::vector<Symbol> inputs_;
  std::vector<float> scores_;
};

// The symbols that a line is scored as: a newline in front and behind where there is one.
std::vector<Symbol> symbols_of(const std::vector<ReadCharacter>& characters,
                               std::optional<Symbol> newline) {
  std::vector<Symbol> symbols;
  symbols.reserve(characters.size() + 2);
  if (newline) symbols.push_back(*newline);
  for (const ReadCharacter& each : characters) {
    if (each.symbol) symbols.push_back(*each.symbol);
  }
  if (newline) symbols.push_back(*newline);
  return symbols;
}

void spread(const std::vector<double>& costs, std::optional<Symbol> newline, LineScore& line) {
  line.nats.assign(line.characters.size(), 0.0);
  auto cost = costs.begin();
  bool first = !newline;  // nothing stands in front of it
  for (std::size_t i = 0; i < line.characters.size(); ++i) {
    if (!line.characters[i].symbol || std::exchange(first, false)) continue;
    line.nats[i] = *cost++;
  }
  if (newline) line.end = *cost;
}

}  // namespace

double LineScore::total() const {
  return std::accumulate(nats.begin(), nats.end(), end.value_or(0.0));
}

std::size_t LineScore::scored() const {
  const auto known = static_cast<std::size_t>(
      std::ranges::count_if(characters, [](const auto& each) { return each.symbol.has_value(); }));
  if (end) return known + 1;
  return known > 0 ? known - 1 : 0;
}

double LineScore::mean() const {
  const std::size_t count = scored();
  return count > 0 ? total() / static_cast<double>(count) : 0.0;
}

LineScorer::LineScorer(const PackedNetwork& network, const Vocabulary& vocabulary, UnknownRule rule)
    : network_(network),
      vocabulary_(vocabulary),
      rule_(std::move(rule)),
      newline_(vocabulary.find(U'\n')) {}

std::vector<LineScore> LineScorer::score(std::span<const std::string_view> lines,
                                         const std::atomic<bool>* stop) const {
  std::vector<LineScore> scores(lines.size());
  std::vector<std::vector<Symbol>> symbols;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    scores[i].characters = read_text(lines[i], vocabulary_, rule_);
    symbols.push_back(symbols_of(scores[i].characters, newline_));
  }
  const auto costs = SideBySide(network_, symbols).run(stop);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    spread(costs[i], newline_, scores[i]);
    if (std::isfinite(scores[i].total())) continue;
    throw Error(ErrorKind::kDiverged,
                "the model's scores of the text are not numbers; use an older checkpoint");
  }
  return scores;
}

}  // namespace charrnn
