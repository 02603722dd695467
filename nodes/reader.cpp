#include "nodes/reader.h"

#include <algorithm>

namespace charrnn {

Reader::Reader(const Corpus& corpus, const Lanes& lanes, const ReaderOptions& options,
               const std::atomic<bool>* stop)
    : corpus_(corpus),
      lanes_(lanes),
      options_(options),
      stop_(stop),
      batch_(options.first_batch),
      places_(static_cast<std::size_t>(lanes.rows)) {
  if (batch_ < options_.end_batch) seek(batch_ % lanes_.windows());
}

void Reader::seek(std::uint64_t window) {
  for (int row = 0; row < lanes_.rows; ++row) {
    places_[static_cast<std::size_t>(row)] = corpus_.locate(lanes_.first(row, window));
  }
}

StripeSpan Reader::next_span() const {
  const std::uint64_t window = batch_ % lanes_.windows();
  const std::uint64_t left = std::min(lanes_.windows() - window, options_.end_batch - batch_);
  return {.sequence = stripe_,
          .first_batch = batch_,
          .epoch = batch_ / lanes_.windows(),
          .first_window = window,
          .windows =
              static_cast<int>(std::min(left, static_cast<std::uint64_t>(options_.stripe_windows))),
          .rows = lanes_.rows,
          .length = lanes_.length};
}

std::optional<TextStripe> Reader::operator()() {
  if (batch_ >= options_.end_batch) return std::nullopt;
  if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) return std::nullopt;
  TextStripe stripe{.span = next_span(), .bytes = {}, .ends = {}};
  const auto characters =
      static_cast<std::uint64_t>(stripe.span.windows) * static_cast<std::uint64_t>(lanes_.length);
  const std::uint64_t last_window =
      stripe.span.first_window + static_cast<std::uint64_t>(stripe.span.windows) - 1;
  stripe.bytes.reserve((characters + 4) * static_cast<std::uint64_t>(lanes_.rows));
  stripe.ends.reserve(2 * places_.size());
  for (int row = 0; row < lanes_.rows; ++row) {
    Position& place = places_[static_cast<std::size_t>(row)];
    corpus_.read(place, characters, stripe.bytes);
    stripe.ends.push_back(stripe.bytes.size());
    const std::uint64_t target = lanes_.last_target(row, last_window);
    Position at = target == place.character ? place : corpus_.locate(target);
    corpus_.read(at, 1, stripe.bytes);
    stripe.ends.push_back(stripe.bytes.size());
  }
  ++stripe_;
  batch_ += static_cast<std::uint64_t>(stripe.span.windows);
  if (batch_ < options_.end_batch && batch_ % lanes_.windows() == 0) seek(0);
  return stripe;
}

}  // namespace charrnn
