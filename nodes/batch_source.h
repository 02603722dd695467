#pragma once

#include <deque>
#include <optional>

#include "nodes/corpus_source.h"

namespace charrnn {

/// The batches of a corpus one after the other on the calling thread: the sequential twin of the
/// graph's first half. Validation and inspection read their batches this way.
class BatchSource {
 public:
  /// `corpus` is borrowed.
  BatchSource(const Corpus& corpus, const Lanes& lanes, const ReaderOptions& options)
      : source_(corpus, lanes, options) {}

  /// The next batch, or nothing at the end. Throws as CorpusSource does.
  std::optional<Batch> next();

 private:
  CorpusSource source_;
  std::deque<Batch> ready_;
};

}  // namespace charrnn
