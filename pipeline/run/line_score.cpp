#include "pipeline/run/line_score.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "pipeline/run/side_by_side.h"

namespace charrnn {
namespace {

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
  std::vector<std::vector<double>> costs(lines.size());
  std::vector<Passage> passages;
  for (const auto& line : symbols) passages.push_back({line});
  read_side_by_side(
      network_, passages, [&costs](std::size_t line, double nats) { costs[line].push_back(nats); },
      stop, "scoring lines");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    spread(costs[i], newline_, scores[i]);
    if (std::isfinite(scores[i].total())) continue;
    throw Error(ErrorKind::kDiverged,
                "the model's scores of the text are not numbers; use an older checkpoint");
  }
  return scores;
}

}  // namespace charrnn
