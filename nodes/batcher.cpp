#include "nodes/batcher.h"

namespace charrnn {
namespace {

Batch cut_batch(const SymbolStripe& stripe, int window) {
  const StripeSpan& span = stripe.span;
  const auto length = static_cast<std::size_t>(span.length);
  const std::size_t row_symbols = static_cast<std::size_t>(span.windows) * length + 1;
  Batch batch;
  batch.index = span.first_batch + static_cast<std::uint64_t>(window);
  batch.epoch = span.epoch;
  batch.starts_epoch = span.first_window + static_cast<std::uint64_t>(window) == 0;
  batch.ends_stripe = window + 1 == span.windows;
  batch.rows = span.rows;
  batch.length = span.length;
  batch.first_row = span.first_row;
  batch.all_rows = span.all_rows;
  batch.inputs.reserve(static_cast<std::size_t>(span.rows) * length);
  batch.targets.reserve(batch.inputs.capacity());
  for (std::size_t row = 0; row < static_cast<std::size_t>(span.rows); ++row) {
    const Symbol* from =
        stripe.symbols.data() + row * row_symbols + static_cast<std::size_t>(window) * length;
    batch.inputs.insert(batch.inputs.end(), from, from + length);
    batch.targets.insert(batch.targets.end(), from + 1, from + 1 + length);
  }
  return batch;
}

/// Where an element of a stripe's [B, k*T] went.
struct Place {
  std::size_t batch = 0;
  std::size_t element = 0;  // of its [B, T]
};

Place place_of(std::size_t element, const StripeSpan& span) {
  const auto length = static_cast<std::size_t>(span.length);
  const std::size_t row_length = static_cast<std::size_t>(span.windows) * length;
  const std::size_t in_row = element % row_length;
  return {in_row / length, element / row_length * length + in_row % length};
}

}  // namespace

std::vector<Batch> cut_batches(const SymbolStripe& stripe) {
  std::vector<Batch> batches;
  batches.reserve(static_cast<std::size_t>(stripe.span.windows));
  for (int window = 0; window < stripe.span.windows; ++window) {
    batches.push_back(cut_batch(stripe, window));
  }
  for (const Seam& seam : stripe.seams) {
    const Place at = place_of(seam.element, stripe.span);
    batches[at.batch].targets[at.element] = seam.target;
  }
  for (const std::size_t reset : stripe.resets) {
    const Place at = place_of(reset, stripe.span);
    Batch& batch = batches[at.batch];
    batch.resets.resize(batch.inputs.size());
    batch.resets[at.element] = 1;
  }
  return batches;
}

}  // namespace charrnn
