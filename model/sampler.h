#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "corpus/symbol.h"

namespace charrnn {

/// How the next character is chosen from the scores. The filters apply in this order: repetition
/// penalty, temperature, top-k, top-p, min-p; then the rest is renormalised.
struct SamplingOptions {
  double temperature = 1.0;  ///< scores are divided by it; 0: always the most probable
  int top_k = 0;             ///< keep the k most probable; 0: all
  double top_p = 1.0;        ///< keep the smallest set whose probability reaches this
  double min_p = 0.0;        ///< drop what is less probable than this times the most probable
  double repetition_penalty = 1.0;  ///< > 1 makes recently written characters less probable
};

/// Chooses characters from scores. Holds scratch memory only: one per thread. Both functions throw
/// Error(kDiverged) when a score is NaN or infinitely large, and when there are no scores.
/// Among equal scores the lower symbol counts as the more probable.
class Sampler {
 public:
  /// One character by inverse transform of `uniform` in [0, 1) over the kept characters in the
  /// order of their symbols. `recent`: what the repetition penalty applies to.
  Symbol sample(std::span<const float> scores, const SamplingOptions& options, double uniform,
                std::span<const Symbol> recent = {});

  /// The probabilities that sample() would draw from, one for each symbol, sum 1; valid until the
  /// next call.
  std::span<const double> distribution(std::span<const float> scores,
                                       const SamplingOptions& options,
                                       std::span<const Symbol> recent = {});

 private:
  void penalise(double penalty, std::span<const Symbol> recent);
  void keep_most_probable(std::size_t count);
  void soften(double temperature);
  void keep_smallest_set(double top_p);
  void drop_below(double least);

  std::vector<double> values_;      // scores, then probabilities; by symbol
  std::vector<double> chosen_;      // what distribution() returns
  std::vector<Symbol> candidates_;  // symbols that are still kept
  std::vector<Symbol> penalised_;
};

}  // namespace charrnn
