#include "serve/engine/row.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/counter_rng.h"

namespace charrnn {

Row::Row(Generation generation) : generation_(std::move(generation)), stop_(generation_.stop) {
  const auto& from = generation_.from;
  state_ = from ? from->state : zero_row_state(generation_.snapshot->network);
  if (from) recent_ = from->recent;
  if (from && from->unread) inputs_.push_back(*from->unread);
  inputs_.insert(inputs_.end(), generation_.prompt.begin(), generation_.prompt.end());
  for (const Symbol symbol : generation_.prompt) remember(symbol);
}

void Row::begin(Sampler& sampler, Piece& piece) {
  const auto& prompt = generation_.prompt;
  if (generation_.echo && !generation_.score_prompt) {
    for (const Symbol symbol : prompt) echo(symbol, std::nullopt, piece);
  } else if (generation_.score_prompt && !prompt.empty() && inputs_.size() == prompt.size()) {
    echo(prompt.front(), SymbolScore{prompt.front(), std::nullopt, {}}, piece);
  }
  if (generation_.max_tokens == 0 && inputs_.size() <= 1) {
    end(Finish::kLength, piece);
  } else if (inputs_.empty()) {
    const auto classes = static_cast<std::size_t>(generation_.snapshot->network.vocabulary);
    choose(std::span(*generation_.snapshot->weights).last(classes), sampler, piece);
  }
}

Symbol Row::input() const { return position_ < inputs_.size() ? inputs_[position_] : last_; }

std::span<const Symbol> Row::ahead() const {
  if (done_ || generation_.score_prompt || position_ + 1 >= inputs_.size()) return {};
  return std::span(inputs_).subspan(position_, inputs_.size() - 1 - position_);
}

void Row::skip(std::size_t count, Piece& piece) {
  position_ += count;
  if (generation_.max_tokens == 0 && position_ + 1 == inputs_.size()) end(Finish::kLength, piece);
}

void Row::read(std::span<const float> scores, Sampler& sampler, Piece& piece) {
  if (position_ < inputs_.size()) ++position_;
  if (position_ < inputs_.size()) {
    read_prompt(scores, piece);
  } else {
    choose(scores, sampler, piece);
  }
}

void Row::read_prompt(std::span<const float> scores, Piece& piece) {
  if (generation_.score_prompt) {
    const Symbol symbol = inputs_[position_];
    echo(symbol, score_symbol(scores, symbol, generation_.logprobs.value_or(0)), piece);
  }
  skip(0, piece);
}

void Row::choose(std::span<const float> scores, Sampler& sampler, Piece& piece) {
  const double uniform =
      uniform53(generation_.seed, made_, counter_high(RandomUse::kSampling, generation_.choice));
  last_ = sampler.sample(scores, generation_.sampling, uniform, recent_);
  ++made_;
  remember(last_);
  if (generation_.logprobs) {
    scores_.emplace_back(score_symbol(scores, last_, *generation_.logprobs), 0);
  }
  if (write(last_, piece)) {
    end(Finish::kStop, piece);
  } else if (made_ == generation_.max_tokens) {
    end(Finish::kLength, piece);
  }
}

bool Row::write(Symbol symbol, Piece& piece) {
  const Vocabulary& vocabulary = *generation_.snapshot->vocabulary;
  std::string text;
  vocabulary.append(symbol, text);
  if (vocabulary.bytes()) {
    std::string whole;
    gate_.push(text, whole);
    text = std::move(whole);
  }
  if (!scores_.empty()) scores_.back().second = text.size();
  const std::size_t before = piece.text.size();
  const bool stopped = stop_.push(text, piece.text);
  give_scores(piece.text.size() - before, piece);
  return stopped;
}

void Row::give_scores(std::size_t bytes, Piece& piece) {
  bytes_given_ += bytes;
  while (!scores_.empty() && scores_.front().second <= bytes_given_) {
    bytes_given_ -= scores_.front().second;
    piece.scores.push_back(std::move(scores_.front().first));
    scores_.pop_front();
  }
  if (scores_.empty()) bytes_given_ = 0;
}

void Row::echo(Symbol symbol, std::optional<SymbolScore> score, Piece& piece) {
  if (score) piece.scores.push_back(std::move(*score));
  if (!generation_.echo) return;
  const Vocabulary& vocabulary = *generation_.snapshot->vocabulary;
  std::string text;
  vocabulary.append(symbol, text);
  if (vocabulary.bytes()) {
    gate_.push(text, piece.text);
  } else {
    piece.text += text;
  }
}

void Row::remember(Symbol symbol) {
  if (generation_.sampling.repetition_penalty == 1.0) return;
  if (recent_.size() == kRecentSymbols) recent_.erase(recent_.begin());
  recent_.push_back(symbol);
}

void Row::end(Finish finish, Piece& piece) {
  if (done_) return;
  done_ = true;
  if (finish != Finish::kStop) {
    const std::size_t before = piece.text.size();
    stop_.finish(piece.text);
    gate_.finish(piece.text);
    give_scores(piece.text.size() - before, piece);
  }
  piece.prompt_tokens = generation_.prompt.size();
  piece.completion_tokens = made_;
  piece.finish = finish;
}

TextState Row::where() const {
  return {generation_.snapshot, state_,
          inputs_.empty() && made_ == 0 ? std::nullopt : std::optional(input()), recent_};
}

SymbolScore score_symbol(std::span<const float> scores, Symbol symbol, int top) {
  const float highest = *std::max_element(scores.begin(), scores.end());
  double sum = 0.0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score) - highest);
  const double log_sum = highest + std::log(sum);
  const auto logprob = [&](Symbol s) { return static_cast<float>(scores[s] - log_sum); };

  SymbolScore result{symbol, logprob(symbol), {}};
  std::vector<Symbol> order(scores.size());
  std::iota(order.begin(), order.end(), Symbol{0});
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(top), order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
      [&](Symbol a, Symbol b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  for (std::size_t i = 0; i < count; ++i) result.top.emplace_back(order[i], logprob(order[i]));
  return result;
}

}  // namespace charrnn
