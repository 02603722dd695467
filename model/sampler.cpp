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
      throw Error(ErrorKind::kDiverged,
                  "the model's scores are not numbers; use an older checkpoint");
    }
  }
  if (scores.empty()) throw Error(ErrorKind::kDiverged, "there are no scores to choose from");
}

}  // namespace

void Sampler::choose_candidates(const SamplingOptions& options,
                                std::span<const std::uint8_t> fits) {
  const auto symbols = values_.size();
  candidates_ = options.allowed;
  if (candidates_.empty()) {
    candidates_.resize(symbols);
    std::iota(candidates_.begin(), candidates_.end(), Symbol{0});
  } else {
    std::sort(candidates_.begin(), candidates_.end());
    candidates_.erase(std::unique(candidates_.begin(), candidates_.end()), candidates_.end());
  }
  std::erase_if(candidates_, [&](Symbol symbol) {
    return symbol >= symbols || symbol == options.never || (!fits.empty() && fits[symbol] == 0);
  });
  if (candidates_.empty()) throw Error(ErrorKind::kInternal, "no symbol is left to choose from");
}

// The repetition penalty is CTRL's (Keskar et al. 2019): positive scores are divided, negative ones
// multiplied. The other two are those of OpenAI's API.
void Sampler::penalise(const SamplingOptions& options, std::span<const Symbol> recent) {
  const double repetition = options.repetition_penalty;
  if (repetition == 1.0 && options.presence_penalty == 0.0 && options.frequency_penalty == 0.0) {
    return;
  }
  penalised_.assign(recent.begin(), recent.end());
  std::sort(penalised_.begin(), penalised_.end());
  for (auto first = penalised_.begin(); first != penalised_.end();) {
    const auto end = std::upper_bound(first, penalised_.end(), *first);
    if (*first >= values_.size()) break;
    double& score = values_[*first];
    score = score > 0.0 ? score / repetition : score * repetition;
    score -=
        options.presence_penalty + options.frequency_penalty * static_cast<double>(end - first);
    first = end;
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

// Locally typical sampling (Meister et al. 2022): those whose surprisal is nearest to the entropy.
void Sampler::keep_most_typical(double typical_p) {
  double entropy = 0.0;
  for (const Symbol symbol : candidates_) {
    const double p = values_[symbol];
    if (p > 0.0) entropy -= p * std::log(p);
  }
  const auto oddness = [&](Symbol symbol) {
    return std::abs(-std::log(values_[symbol]) - entropy);
  };
  std::sort(candidates_.begin(), candidates_.end(), [&](Symbol a, Symbol b) {
    const double x = oddness(a);
    const double y = oddness(b);
    return x < y || (x == y && a < b);
  });
  keep_until(typical_p);
}

void Sampler::keep_smallest_set(double top_p) {
  std::sort(candidates_.begin(), candidates_.end(), [this](Symbol a, Symbol b) {
    return values_[a] > values_[b] || (values_[a] == values_[b] && a < b);
  });
  keep_until(top_p);
}

// The first candidates whose probabilities reach `share` of all that are left; one at least.
void Sampler::keep_until(double share) {
  double reached = 0.0;
  std::size_t kept = 0;
  while (kept < candidates_.size() && (kept == 0 || reached < share)) {
    reached += values_[candidates_[kept++]];
  }
  candidates_.resize(kept);
}

void Sampler::drop_below(double least) {
  double highest = 0.0;
  for (const Symbol symbol : candidates_) highest = std::max(highest, values_[symbol]);
  std::erase_if(candidates_, [&](Symbol symbol) { return values_[symbol] < least * highest; });
}

void Sampler::renormalise() {
  double sum = 0.0;
  for (const Symbol symbol : candidates_) sum += values_[symbol];
  for (const Symbol symbol : candidates_) values_[symbol] /= sum;
}

std::span<const double> Sampler::distribution(std::span<const float> scores,
                                              const SamplingOptions& options,
                                              std::span<const Symbol> recent,
                                              std::span<const std::uint8_t> fits) {
  require_scores(scores);
  values_.assign(scores.begin(), scores.end());
  choose_candidates(options, fits);
  for (const auto& [symbol, bias] : options.bias) {
    if (symbol < values_.size()) values_[symbol] += bias;
  }
  penalise(options, recent);
  if (options.temperature <= 0.0) {
    keep_most_probable(1);
  } else if (options.top_k > 0) {
    // Dividing by the temperature keeps the order, so top-k may come before it.
    keep_most_probable(static_cast<std::size_t>(options.top_k));
  }
  std::sort(candidates_.begin(), candidates_.end());
  soften(options.temperature);
  if (options.typical_p < 1.0) {
    keep_most_typical(options.typical_p);
    renormalise();
  }
  if (options.top_p < 1.0) keep_smallest_set(options.top_p);
  if (options.min_p > 0.0) drop_below(std::min(options.min_p, 1.0));

  renormalise();
  chosen_.assign(scores.size(), 0.0);
  for (const Symbol symbol : candidates_) chosen_[symbol] = values_[symbol];
  return chosen_;
}

Symbol Sampler::sample(std::span<const float> scores, const SamplingOptions& options,
                       double uniform, std::span<const Symbol> recent,
                       std::span<const std::uint8_t> fits) {
  const auto probabilities = distribution(scores, options, recent, fits);
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
