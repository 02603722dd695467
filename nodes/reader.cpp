#include "nodes/reader.h"

#include <algorithm>
#include <limits>

namespace charrnn {
namespace {

// Of a row that has not been looked for yet.
constexpr Position kNowhere = {std::numeric_limits<std::uint64_t>::max(), 0, 0};

}  // namespace

Reader::Reader(const Corpus& corpus, const Lanes& lanes, const ReaderOptions& options)
    : corpus_(corpus),
      lanes_(lanes),
      options_(options),
      batch_(options.first_batch),
      places_(static_cast<std::size_t>(lanes.own_rows()), kNowhere) {}

StripeSpan Reader::next_span() const {
  const std::uint64_t window = batch_ % lanes_.windows();
  const std::uint64_t left = std::min(lanes_.windows() - window, options_.end_batch - batch_);
  return {.sequence = stripe_,
          .first_batch = batch_,
          .epoch = 1 + batch_ / lanes_.windows(),
          .first_window = window,
          .windows =
              static_cast<int>(std::min(left, static_cast<std::uint64_t>(options_.stripe_windows))),
          .rows = lanes_.own_rows(),
          .length = lanes_.length,
          .first_row = lanes_.first_read,
          .all_rows = lanes_.rows};
}

/// A row mostly goes on where it stopped.
Position Reader::find(std::uint64_t character, const Position& place) const {
  return character == place.character ? place : corpus_.locate(character);
}

void Reader::read_row(int row, TextStripe& stripe) {
  Position& place = places_[static_cast<std::size_t>(row)];
  const StripeSpan& span = stripe.span;
  const std::uint64_t lookback = corpus_.documents().lookback();
  for (const Stretch& stretch :
       stretches(lanes_, span.first_row + row, span.epoch, span.first_window, span.windows)) {
    const std::uint64_t before = std::min(lookback, stretch.first);
    TextPiece piece{.first = stretch.first,
                    .before = before,
                    .characters = stretch.count,
                    .resets = stretch.resets};
    place = find(stretch.first - before, place);
    const std::uint64_t end = stretch.first + stretch.count;
    piece.target_apart = stretch.target != end;
    // The row goes on from here: what shows its next begins of documents is read once more.
    const std::uint64_t again = end - std::min(lookback, end);
    const std::uint64_t count = end - place.character + (piece.target_apart ? 0 : 1);
    Position at = place;
    place = corpus_.read_past(at, count, again, stripe.bytes);
    piece.end = stripe.bytes.size();
    if (piece.target_apart) {
      at = find(stretch.target, at);
      corpus_.read(at, 1, stripe.bytes);
    }
    piece.target_end = stripe.bytes.size();
    stripe.pieces.push_back(piece);
  }
}

std::optional<TextStripe> Reader::operator()() {
  if (batch_ >= options_.end_batch) return std::nullopt;
  TextStripe stripe{.span = next_span(), .bytes = {}, .pieces = {}};
  const auto characters =
      static_cast<std::uint64_t>(stripe.span.windows) * static_cast<std::uint64_t>(lanes_.length);
  stripe.bytes.reserve((characters + 4) * places_.size());
  stripe.pieces.reserve(places_.size());
  for (int row = 0; row < lanes_.own_rows(); ++row) read_row(row, stripe);
  ++stripe_;
  batch_ += static_cast<std::uint64_t>(stripe.span.windows);
  return stripe;
}

}  // namespace charrnn
