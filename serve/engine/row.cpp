#include "serve/engine/row.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/counter_rng.h"

namespace charrnn {

Row::Row(Generation generation)
    : generation_(std::move(generation)), input_(generation_), output_(generation_) {}

void Row::begin(Sampler& sampler, Piece& piece) {
  const auto& prompt = generation_.prompt;
  if (generation_.echo && !generation_.score_prompt) {
    for (const Symbol symbol : prompt) output_.echo(symbol, std::nullopt, piece);
  } else if (generation_.score_prompt && input_.before_prompt() == 0 && !prompt.empty()) {
    score_prompt({}, piece);
  }
  const bool only_end = generation_.pattern && !generation_.pattern->goes_on(pattern_state_);
  if (only_end) {
    end(Finish::kStop, piece);
  } else if (generation_.max_tokens == 0 && input_.known() <= 1) {
    end(Finish::kLength, piece);
  } else if (input_.empty()) {
    const auto classes = static_cast<std::size_t>(generation_.snapshot->network.vocabulary);
    choose(std::span(*generation_.snapshot->weights).last(classes), sampler, piece);
  }
}

std::span<const Symbol> Row::ahead() const {
  if (done_ || generation_.score_prompt) return {};
  return input_.ahead();
}

void Row::skip(std::size_t count, Piece& piece) {
  input_.has_read(count);
  const bool at_last = input_.read() + 1 == input_.known();
  if (generation_.max_tokens == 0 && at_last) end(Finish::kLength, piece);
}

void Row::read(std::span<const float> scores, Sampler& sampler, Piece& piece) {
  input_.has_read(1);
  if (input_.read() >= input_.known()) {
    choose(scores, sampler, piece);
    return;
  }
  if (generation_.score_prompt && input_.read() >= input_.before_prompt()) {
    score_prompt(scores, piece);
  }
  skip(0, piece);
}

// Gives the prompt's symbol that is read next; without `scores` nothing stands in front of it.
void Row::score_prompt(std::span<const float> scores, Piece& piece) {
  SymbolScore score;
  score.symbol = input_.input();
  if (!scores.empty()) {
    score = score_symbol(scores, score.symbol, generation_.logprobs.value_or(0));
  }
  if (generation_.echo) {
    const Symbol symbol = score.symbol;
    output_.echo(symbol, std::move(score), piece);
  } else {
    piece.scores.push_back(std::move(score));
  }
}

void Row::choose(std::span<const float> scores, Sampler& sampler, Piece& piece) {
  const SamplingOptions& sampling = generation_.sampling;
  const double uniform =
      uniform53(generation_.seed, made_, counter_high(RandomUse::kSampling, generation_.choice));
  fits_.clear();
  if (generation_.pattern && !may_end()) {
    generation_.pattern->find_fitting(pattern_state_, generation_.max_tokens - made_, fits_);
    // A match is complete, and no longer one is short enough.
    if (std::find(fits_.begin(), fits_.end(), 1) == fits_.end()) {
      end(Finish::kStop, piece);
      return;
    }
  }
  const Symbol symbol =
      sampler.sample(scores, sampling, uniform, input_.recent(sampling.look_back), fits_);
  if (!follow_pattern(symbol)) {
    end(Finish::kStop, piece);
    return;
  }
  write(scores, symbol, piece);
  const auto& pattern = generation_.pattern;
  if (piece.stop_text || (pattern && !pattern->goes_on(pattern_state_))) {
    end(Finish::kStop, piece);
  } else if (made_ == generation_.max_tokens) {
    end(pattern && pattern->complete(pattern_state_) ? Finish::kStop : Finish::kLength, piece);
  }
}

// Where a match is complete, the model ends it by choosing what does not go on with it.
bool Row::may_end() const {
  return generation_.pattern->complete(pattern_state_) && made_ >= generation_.min_tokens;
}

// False when the text ends here, as a match.
bool Row::follow_pattern(Symbol symbol) {
  if (!generation_.pattern) return true;
  const TextPattern& pattern = *generation_.pattern;
  const auto next = pattern.next(pattern_state_, symbol);
  if (next == TextPattern::kNone) return false;
  if (pattern.shortest(next) >= generation_.max_tokens - made_) return false;
  pattern_state_ = next;
  return true;
}

void Row::write(std::span<const float> scores, Symbol symbol, Piece& piece) {
  input_.append(symbol);
  ++made_;
  std::optional<SymbolScore> score;
  if (generation_.logprobs) score = score_symbol(scores, symbol, *generation_.logprobs);
  const bool may_stop = made_ > generation_.min_tokens;
  piece.stop_text = output_.write(symbol, std::move(score), may_stop, piece);
}

void Row::end(Finish finish, Piece& piece) {
  if (done_) return;
  done_ = true;
  if (finish != Finish::kStop) output_.finish(piece);
  piece.prompt_tokens = generation_.prompt.size();
  piece.completion_tokens = made_;
  piece.finish = finish;
}

SymbolScore score_symbol(std::span<const float> scores, Symbol symbol, int top) {
  const float highest = *std::max_element(scores.begin(), scores.end());
  double sum = 0.0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score) - highest);
  const double log_sum = highest + std::log(sum);
  const auto logprob = [&](Symbol s) { return static_cast<float>(scores[s] - log_sum); };

  SymbolScore result;
  result.symbol = symbol;
  result.logprob = logprob(symbol);
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
