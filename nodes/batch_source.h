#pragma once

#include <deque>
#include <optional>

#include "nodes/encoder.h"
#include "nodes/reader.h"

namespace charrnn {

/// Reader, encoder and batcher one after the other on the calling thread: the sequential twin of
/// the graph's first half. Validation and inspection read their batches this way.
class BatchSource {
 public:
  /// `corpus` is borrowed.
  BatchSource(const Corpus& corpus, const Lanes& lanes, const ReaderOptions& options)
      : reader_(corpus, lanes, options), encoder_(corpus) {}

  /// The next batch, or nothing at the end. Throws as Reader and Encoder do.
  std::optional<Batch> next();

 private:
  Reader reader_;
  Encoder encoder_;
  std::deque<Batch> ready_;
};

}  // namespace charrnn
