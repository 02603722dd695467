#include "pipeline/commands/loss_history.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>

namespace charrnn {
namespace {

constexpr std::size_t kMostMeans = 256;

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

void LossHistory::add(double loss) {
  if (!std::isfinite(loss)) return;
  sum_ += loss;
  if (++summed_ < stride_) return;
  means_.push_back(sum_ / static_cast<double>(summed_));
  sum_ = 0.0;
  summed_ = 0;
  if (means_.size() < kMostMeans) return;
  for (std::size_t i = 0; i < kMostMeans / 2; ++i) {
    means_[i] = (means_[2 * i] + means_[2 * i + 1]) / 2;
  }
  means_.resize(kMostMeans / 2);
  stride_ *= 2;
}

std::vector<double> LossHistory::means(std::size_t count) const {
  count = std::min(count, means_.size());
  std::vector<double> result;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i * means_.size() / count;
    const std::size_t end = (i + 1) * means_.size() / count;
    result.push_back(mean(std::span(means_).subspan(begin, end - begin)));
  }
  return result;
}

std::string sparkline(std::span<const double> values) {
  constexpr std::array<std::string_view, 8> kBlocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (values.empty()) return "";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double unit = *high > *low ? (kBlocks.size() - 1) / (*high - *low) : 0.0;
  std::string line;
  for (const double value : values) {
    line += kBlocks.at(static_cast<std::size_t>(std::lround((value - *low) * unit)));
  }
  return line;
}

}  // namespace charrnn
