#include "pipeline/run/loss_watch.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace charrnn {
namespace {

constexpr int kWindow = 20;

}  // namespace

LossWatch::LossWatch(int vocabulary) : vocabulary_(vocabulary) {}

std::optional<std::string> LossWatch::step(const StepReport& report) {
  sum_ += report.progress.train_loss.value();
  if (++steps_ < kWindow) return std::nullopt;
  const double mean = std::exchange(sum_, 0.0) / std::exchange(steps_, 0);
  const auto before = std::exchange(last_mean_, mean);
  const double guess = std::log(static_cast<double>(vocabulary_));
  if (told_ || !before || mean <= *before || mean <= 1.5 * guess + 1.0) return std::nullopt;
  told_ = true;
  return fmt::format(
      "warning: the mean loss up to step {} is {:.2f} nats and rising, while guessing among {} "
      "characters costs {:.2f}. The training diverges: stop it, and train again with a lower "
      "train.learning_rate or train.clip",
      report.progress.step, mean, vocabulary_, guess);
}

}  // namespace charrnn
