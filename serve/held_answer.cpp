#include "serve/held_answer.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace charrnn {
namespace {

constexpr std::size_t kBytesOfCharacter = 4;
constexpr std::size_t kBlock = 8 * 1024;

// A score in bytes: its symbol, its place in the text, whether there is a log probability, that,
// how many of the most probable follow, and room for as many as were asked for.
constexpr std::size_t kBytesOfOne = sizeof(Symbol) + sizeof(float);

template <typename Value>
void put(Value value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename Value>
Value get(const char*& at) {
  Value value;
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}

void put_score(const SymbolScore& score, std::size_t top, std::string& out) {
  const std::size_t count = std::min(score.top.size(), top);
  put(score.symbol, out);
  put(static_cast<std::uint32_t>(score.offset), out);
  put(static_cast<std::uint8_t>(score.logprob.has_value()), out);
  put(score.logprob.value_or(0.0F), out);
  put(static_cast<std::uint8_t>(count), out);
  for (std::size_t i = 0; i < top; ++i) {
    put(i < count ? score.top[i].first : Symbol{0}, out);
    put(i < count ? score.top[i].second : 0.0F, out);
  }
}

SymbolScore get_score(const char* at) {
  SymbolScore score;
  score.symbol = get<Symbol>(at);
  score.offset = get<std::uint32_t>(at);
  const bool scored = get<std::uint8_t>(at) != 0;
  const auto logprob = get<float>(at);
  if (scored) score.logprob = logprob;
  score.top.resize(get<std::uint8_t>(at));
  for (auto& [symbol, top_logprob] : score.top) {
    symbol = get<Symbol>(at);
    top_logprob = get<float>(at);
  }
  return score;
}

std::size_t bytes_of_score(std::optional<int> top) {
  if (!top) return 0;
  return kBytesOfOne + sizeof(std::uint32_t) + 2 + static_cast<std::size_t>(*top) * kBytesOfOne;
}

}  // namespace

HeldAnswer::HeldAnswer(std::size_t choices, std::size_t characters, std::optional<int> top)
    : top_(static_cast<std::size_t>(top.value_or(0))),
      score_bytes_(bytes_of_score(top)),
      text_room_(characters * kBytesOfCharacter),
      score_room_(characters * score_bytes_),
      choices_(choices) {}

std::size_t HeldAnswer::most_bytes(std::size_t choices, std::size_t characters,
                                   std::optional<int> top) {
  // An escaped character; a token, its log probability and its offset; one of the most probable.
  constexpr std::size_t kText = 6;
  constexpr std::size_t kScore = 48;
  constexpr std::size_t kTop = 40;
  const std::size_t json = kText + (top ? kScore + kTop * static_cast<std::size_t>(*top + 1) : 0);
  return choices * characters * (kBytesOfCharacter + bytes_of_score(top) + json);
}

void HeldAnswer::add(std::size_t choice, Piece piece) {
  Choice& made = choices_[choice];
  std::string scores;
  for (const SymbolScore& score : piece.scores) {
    if (score_bytes_ == 0) break;
    put_score(score, top_, scores);
    made.logprob_sum += score.logprob.value_or(0.0F);
    made.scored += score.logprob ? 1 : 0;
  }
  const std::size_t scores_before = made.scores * score_bytes_;
  if (made.text_bytes + piece.text.size() > text_room_ ||
      scores_before + scores.size() > score_room_) {
    throw std::length_error("a text is longer than it was asked for");
  }
  if (!piece.text.empty()) bytes_.write(text_at(choice) + made.text_bytes, piece.text);
  if (!scores.empty()) bytes_.write(scores_at(choice) + scores_before, scores);
  made.text_bytes += piece.text.size();
  if (score_bytes_ > 0) made.scores += piece.scores.size();
  piece.text.clear();
  piece.scores.clear();
  if (piece.finish) made.last = std::move(piece);
}

void HeldAnswer::read_text(std::size_t choice,
                           const std::function<void(std::string_view)>& take) const {
  const std::size_t end = choices_[choice].text_bytes;
  for (std::size_t at = 0; at < end; at += kBlock) {
    take(bytes_.read(text_at(choice) + at, std::min(kBlock, end - at)));
  }
}

void HeldAnswer::read_scores(std::size_t choice,
                             const std::function<void(const SymbolScore&)>& take) const {
  const std::size_t count = choices_[choice].scores;
  const std::size_t in_block = kBlock / std::max<std::size_t>(score_bytes_, 1);
  for (std::size_t first = 0; first < count; first += in_block) {
    const std::size_t here = std::min(in_block, count - first);
    const std::string block =
        bytes_.read(scores_at(choice) + first * score_bytes_, here * score_bytes_);
    for (std::size_t i = 0; i < here; ++i) take(get_score(block.data() + i * score_bytes_));
  }
}

}  // namespace charrnn
