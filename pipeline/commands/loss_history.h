#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace charrnn {

/// The losses of a run as far as a few characters of a line can show them. Its memory is bounded.
class LossHistory {
 public:
  /// Takes the loss of a step; one that is no number is left out.
  void add(double loss);

  /// The means of at most `count` stretches of equal length, from the beginning to now.
  std::vector<double> means(std::size_t count) const;

 private:
  std::vector<double> means_;  // of `stride_` steps each
  std::size_t stride_ = 1;
  double sum_ = 0.0;  // of the steps behind them
  std::size_t summed_ = 0;
};

/// Values as blocks of eight heights, the lowest and the highest one of the line: ▇▅▃▂▁.
std::string sparkline(std::span<const double> values);

}  // namespace charrnn
