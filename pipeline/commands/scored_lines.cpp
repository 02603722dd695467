#include "pipeline/commands/scored_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <utility>

#include "base/utf8.h"

namespace charrnn {
namespace {

namespace json = boost::json;

// A character that costs more than one of a hundred equally likely ones is marked.
constexpr double kMarkedNats = 4.6;
constexpr const char* kReverse = "\x1b[7m";
constexpr const char* kPlain = "\x1b[0m";

std::string marked_text(const LineScore& score) {
  std::string text;
  for (std::size_t i = 0; i < score.characters.size(); ++i) {
    const bool marked = score.nats[i] > kMarkedNats;
    if (marked) text += kReverse;
    append_utf8(score.characters[i].character, text);
    if (marked) text += kPlain;
  }
  return text;
}

// The text as the model reads it, which is well-formed UTF-8 whatever the bytes are.
std::string read_as(const LineScore& score) {
  std::string text;
  for (const ReadCharacter& each : score.characters) append_utf8(each.character, text);
  return text;
}

double rounded(double nats) { return std::round(nats * 1e4) / 1e4; }

std::string json_line(const ScoredLine& line, const LineForm& form) {
  json::object object{{"nats", rounded(line.score.mean())},
                      {"source", form.sources[line.line.source]},
                      {"line", line.line.number},
                      {"characters", line.score.scored()},
                      {"text", read_as(line.score)}};
  if (form.characters) {
    json::array& costs = object["character_nats"].emplace_array();
    for (const double nats : line.score.nats) costs.emplace_back(rounded(nats));
  }
  return json::serialize(object) + "\n";
}

}  // namespace

std::string shown_line(const ScoredLine& line, const LineForm& form) {
  if (form.format == SampleFormat::kJsonLines) return json_line(line, form);
  std::string place = std::to_string(line.line.number);
  if (form.sources.size() > 1) place = form.sources[line.line.source] + ":" + place;
  return fmt::format("{:.4f}\t{}\t{}\n", line.score.mean(), place,
                     form.marks ? marked_text(line.score) : line.line.text);
}

void OddestLines::add(ScoredLine line) {
  const double mean = line.score.mean();
  if (kept_.size() == most_ && (most_ == 0 || mean <= kept_.front().mean)) return;
  kept_.push_back({mean, added_++, std::move(line)});
  std::ranges::push_heap(kept_, odder);
  if (kept_.size() <= most_) return;
  std::ranges::pop_heap(kept_, odder);
  kept_.pop_back();
}

std::vector<ScoredLine> OddestLines::take() {
  std::ranges::sort(kept_, odder);
  std::vector<ScoredLine> lines;
  for (Entry& entry : std::exchange(kept_, {})) lines.push_back(std::move(entry.line));
  return lines;
}

}  // namespace charrnn
