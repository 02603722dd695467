#include "model/fused/packed_scorer.h"

#include <algorithm>

#include "model/cross_entropy.h"

namespace charrnn {
double PackedScorer::score(const Batch& batch) {
  const auto rows = static_cast<std::size_t>(batch.rows);
  const auto length = static_cast<std::size_t>(batch.length);
  const auto classes = static_cast<std::size_t>(network_.shape().vocabulary);
  if (batch.starts_epoch) states_.clear();
  states_.resize(rows, zero_row_state(network_.shape()));
  std::vector<RowState*> states;
  for (RowState& state : states_) states.push_back(&state);
  std::vector<Symbol> symbols(rows);
  std::vector<float> scores(rows * classes);
  double sum = 0.0;
  for (std::size_t t = 0; t < length; ++t) {
    for (std::size_t row = 0; row < rows; ++row) {
      symbols[row] = batch.inputs[row * length + t];
      const bool reset = !batch.resets.empty() && batch.resets[row * length + t] != 0;
      if (reset) std::ranges::fill(states_[row], 0.0F);
    }
    network_.advance(states, symbols, scores);
    for (std::size_t row = 0; row < rows; ++row) {
      sum += cross_entropy(std::span(scores).subspan(row * classes, classes),
                           batch.targets[row * length + t]);
    }
  }
  return sum / static_cast<double>(rows * length);
}

}  // namespace charrnn
