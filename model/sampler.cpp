#include "model/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"

namespace charrnn {
namespace {

void require_scores(std::span<const float> scores) {
  for (const float score : scores) {
    if (std::isnan(score) || score == INFINITY) {
      throw Error(ExitCode::kDiverged,
                  "the model's scores are not numbers; use an older checkpoint");
    }
  }
  if (scores.empty()) throw Error(ExitCode::kDiverged, "there are no scores to choose from");
}

}  // namespace

// The penalty of CTRL (Keskar et al. 2019): positive scores are divided, negative ones multiplied.
void Sampler::penalise(double penalty, std::span<const Symbol> recent) {
  if (penalty == 1.0) return;
  penalised_.assign(recent.begin(), recent.end());
  std::sort(penalised_.begin(), penalised_.end());
  penalised_.erase(std::unique(penalised_.begin(), penalised_.end()), penalised_.end());
  for (const Symbol symbol : penalised_) {
    if (symbol >= values_.size()) break;
    double& score = values_[symbol];
    score = score > 0.0 ? score / penalty : score * penalty;
  }
}

void Sampler::keep_most_probable(std::size_t count) {
  if (count >= candidates_.size()) return;
  const auto last = candidates_.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(candidates_.begin(), last, candidates_.end(), [this](Symbol a, Symbol b) {
    return values_[a] > values_[b] || (values_[a] == values_[b] && a < b);
  });
  candidates_.erase(last, candidates_.end());
}

// Scores of the candidates become probabilities: softmax of score / temperature.
void Sampler::soften(double temperature) {
  double highest = -INFINITY;
  for (const Symbol symbol : candidates_) highest = std::max(highest, values_[symbol]);
  double sum = 0.0;
  for (const Symbol symbol : candidates_) {
    double& value = values_[symbol];
    value = value == highest ? 1.0 : std::exp((value - highest) / temperature);
    sum += value;
  }
  for (const Symbol symbol : candidates_) values_[symbol] /= sum;
}

void Sampler::keep_smallest_set(double top_p) {
  std::sort(candidates_.begin(), candidates_.end(), [this](Symbol a, Symbol b) {
    return values_[a] > values_[b] || (values_[a] == values_[b] && a < b);
  });
  double reached = 0.0;
  std::size_t kept = 0;
  while (kept < candidates_.size() && (kept == 0 || reached < top_p)) {
    reached += values_[candidates_[kept++]];
  }
  candidates_.resize(kept);
}

void Sampler::drop_below(double least) {
  double highest = 0.0;
  for (const Symbol symbol : candidates_) highest = std::max(highest, values_[symbol]);
  std::erase_if(candidates_, [&](Symbol symbol) { return values_[symbol] < least * highest; });
}

std::span<const double> Sampler::distribution(std::span<const float> scores,
                                              const SamplingOptions& options,
                                              std::span<const Symbol> recent) {
  require_scores(scores);
  values_.assign(scores.begin(), scores.end());
  candidates_.resize(scores.size());
  std::iota(candidates_.begin(), candidates_.end(), Symbol{0});
  penalise(options.repetition_penalty, recent);
  if (options.temperature <= 0.0) {
    keep_most_probable(1);
  } else if (options.top_k > 0) {
    // Dividing by the temperature keeps the order, so top-k may come before it.
    keep_most_probable(static_cast<std::size_t>(options.top_k));
  }
  std::sort(candidates_.begin(), candidates_.end());
  soften(options.temperature);
  if (options.top_p < 1.0) keep_smallest_set(options.top_p);
  if (options.min_p > 0.0) drop_below(std::min(options.min_p, 1.0));

  double sum = 0.0;
  for (const Symbol symbol : candidates_) sum += values_[symbol];
  chosen_.assign(scores.size(), 0.0);
  for (const Symbol symbol : candidates_) chosen_[symbol] = values_[symbol] / sum;
  return chosen_;
}

Symbol Sampler::sample(std::span<const float> scores, const SamplingOptions& options,
                       double uniform, std::span<const Symbol> recent) {
  const auto probabilities = distribution(scores, options, recent);
  double reached = 0.0;
  std::size_t last = 0;
  for (std::size_t symbol = 0; symbol < probabilities.size(); ++symbol) {
    if (probabilities[symbol] == 0.0) continue;
    last = symbol;
    reached += probabilities[symbol];
    if (uniform < reached) break;
  }
  // Rounding may leave the sum just below 1: then the last kept character is meant.
  return static_cast<Symbol>(last);
}

}  // namespace charrnn
