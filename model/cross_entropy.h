#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include "corpus/symbol.h"

namespace charrnn {

/// What `target` costs in nats, given the logits of all symbols: -log softmax(scores)[target].
inline double cross_entropy(std::span<const float> scores, Symbol target) {
  const double highest = *std::max_element(scores.begin(), scores.end());
  double sum = 0.0;
  for (const float score : scores) sum += std::exp(score - highest);
  return highest + std::log(sum) - scores[target];
}

}  // namespace charrnn
