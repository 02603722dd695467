#include "nodes/validator.h"

#include <algorithm>

#include "base/running_clock.h"

namespace charrnn {

Lanes validation_lanes(CharacterRange range, std::uint64_t max_characters) {
  constexpr std::uint64_t kRows = 128;
  constexpr std::uint64_t kLength = 100;
  range.count = std::min(range.count, max_characters);
  return {
      .text = range,
      .rows = static_cast<int>(std::max<std::uint64_t>(1, std::min(kRows, range.count / kLength))),
      .length = static_cast<int>(kLength)};
}

Validator::Validator(const Corpus& corpus, const Lanes& lanes, const Backend& backend,
                     const std::atomic<bool>* stop, std::function<void()> on_batch)
    : corpus_(corpus),
      lanes_(lanes),
      backend_(backend),
      stop_(stop),
      on_batch_(std::move(on_batch)) {}

void Validator::begin(ValidationRequest request) {
  request_ = std::move(request);
  scorer_ = backend_.scorer(request_.weights);
  source_ = std::make_unique<BatchSource>(
      corpus_, lanes_,
      ReaderOptions{.stripe_windows = 4, .first_batch = 0, .end_batch = lanes_.windows()});
  loss_sum_ = 0.0;
  batches_ = 0;
  seconds_ = 0.0;
  result_.reset();
}

bool Validator::advance() {
  const auto start = RunningClock::now();
  if (on_batch_) on_batch_();
  const bool stopped = stop_ != nullptr && stop_->load(std::memory_order_relaxed);
  const auto batch = stopped ? std::nullopt : source_->next();
  if (batch) {
    loss_sum_ += scorer_->score(*batch);
    ++batches_;
    seconds_ += std::chrono::duration<double>(RunningClock::now() - start).count();
    return true;
  }
  if (!stopped) {
    result_ = {.step = request_.step,
               .loss = loss_sum_ / static_cast<double>(batches_),
               .characters = batches_ * static_cast<std::uint64_t>(lanes_.rows) *
                             static_cast<std::uint64_t>(lanes_.length),
               .seconds = seconds_};
  }
  scorer_.reset();
  source_.reset();
  return false;
}

}  // namespace charrnn
