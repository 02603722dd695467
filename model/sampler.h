#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "corpus/symbol.h"

namespace charrnn {

/// How the next character is chosen from the scores. The steps are taken in this order: symbols
/// that may not come, bias, penalties, temperature, top-k, typical-p, top-p, min-p; then the rest
/// is renormalised.
struct SamplingOptions {
  double temperature = 1.0;  ///< scores are divided by it; 0: always the most probable
  int top_k = 0;             ///< keep the k most probable; 0: all
  double top_p = 1.0;        ///< keep the smallest set whose probability reaches this
  double min_p = 0.0;        ///< drop what is less probable than this times the most probable
  double typical_p = 1.0;    ///< keep the most typical symbols whose probability reaches this
  double repetition_penalty = 1.0;  ///< > 1 makes recently written characters less probable
  double presence_penalty = 0.0;    ///< subtracted from the score of each recent symbol
  double frequency_penalty = 0.0;   ///< subtracted as often as the symbol is among the recent ones
  std::size_t look_back = 64;       ///< the newest symbols that count as recent
  std::vector<std::pair<Symbol, float>> bias = {};  ///< added to the scores of these symbols
  std::vector<Symbol> allowed = {};                 ///< only these may come; empty: all
  std::optional<Symbol> never = {};                 ///< may not come
};

/// The largest bias, of either sign, that is worth having: no logit of a network comes near it.
inline constexpr float kMostBias = 100.0F;

/// Chooses characters from scores. Holds scratch memory only: one per thread. Both functions throw
/// Error(kDiverged) when a score is NaN or infinitely large, and when there are no scores.
/// Among equal scores the lower symbol counts as the more probable.
class Sampler {
 public:
  /// One character by inverse transform of `uniform` in [0, 1) over the kept characters in the
  /// order of their symbols. `recent`: what the penalties apply to. `fits`: [V], 0 for symbols that
  /// may not come; empty: all may. Some symbol must be left.
  Symbol sample(std::span<const float> scores, const SamplingOptions& options, double uniform,
                std::span<const Symbol> recent = {}, std::span<const std::uint8_t> fits = {});

  /// The probabilities that sample() would draw from, one for each symbol, sum 1; valid until the
  /// next call.
  std::span<const double> distribution(std::span<const float> scores,
                                       const SamplingOptions& options,
                                       std::span<const Symbol> recent = {},
                                       std::span<const std::uint8_t> fits = {});

 private:
  void choose_candidates(const SamplingOptions& options, std::span<const std::uint8_t> fits);
  void penalise(const SamplingOptions& options, std::span<const Symbol> recent);
  void keep_most_probable(std::size_t count);
  void soften(double temperature);
  void keep_most_typical(double typical_p);
  void keep_smallest_set(double top_p);
  void keep_until(double share);
  void drop_below(double least);
  void renormalise();

  std::vector<double> values_;      // scores, then probabilities; by symbol
  std::vector<double> chosen_;      // what distribution() returns
  std::vector<Symbol> candidates_;  // symbols that are still kept
  std::vector<Symbol> penalised_;
};

}  // namespace charrnn
