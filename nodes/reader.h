#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "nodes/lanes.h"
#include "nodes/messages.h"
#include "nodes/stretches.h"

namespace charrnn {

/// How far and in what portions the text is read.
struct ReaderOptions {
  int stripe_windows = 16;        ///< k: windows of one stripe
  std::uint64_t first_batch = 0;  ///< index of the first batch: where a resumed run goes on
  std::uint64_t end_batch = 0;    ///< one past the last batch's index, over all epochs
};

/// The source of the graph: reads the lanes of all rows, stripe by stripe, epoch after epoch. Holds
/// one place for each row and no text. One call at a time, in any thread.
class Reader {
 public:
  /// `corpus` is borrowed. lanes.windows() must not be 0.
  Reader(const Corpus& corpus, const Lanes& lanes, const ReaderOptions& options);

  /// The next stripe; nothing at the end. Throws Error(kInput) when a file changed.
  std::optional<TextStripe> operator()();

 private:
  StripeSpan next_span() const;
  Position find(std::uint64_t character, const Position& place) const;
  void read_row(int row, TextStripe& stripe);

  const Corpus& corpus_;
  Lanes lanes_;
  ReaderOptions options_;
  std::uint64_t stripe_ = 0;
  std::uint64_t batch_;
  std::vector<Position> places_;  // where each row that is read here stopped
};

}  // namespace charrnn
