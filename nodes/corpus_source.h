#pragma once

#include <optional>
#include <vector>

#include "nodes/encoder.h"
#include "nodes/ending.h"
#include "nodes/reader.h"

namespace charrnn {

/// The batches of a corpus: reader, encoder and batcher, to be called one after the other
/// (BatchSource) or at the same time (the graph). Its members are virtual for tests that count,
/// delay or fail.
class CorpusSource {
 public:
  /// `corpus` and `ending` (may be null) are borrowed. lanes.windows() must not be 0.
  CorpusSource(const Corpus& corpus, const Lanes& lanes, const ReaderOptions& options,
               const Ending* ending = nullptr)
      : reader_(corpus, lanes, options), encoder_(corpus), ending_(ending) {}
  virtual ~CorpusSource() = default;

  /// The text of the next windows of all rows; nothing at the end or after the run's ending has
  /// come. One call at a time. Throws Error(kInput) when a file changed.
  virtual std::optional<TextStripe> read();

  /// The same as symbols. Any number of calls at once. Throws Error(kInput) with file and offset
  /// when the text is not what the index says.
  virtual SymbolStripe encode(const TextStripe& stripe) const { return encoder_(stripe); }

  /// The stripe's batches, in order. Any number of calls at once.
  virtual std::vector<Batch> cut(const SymbolStripe& stripe) const;

 private:
  Reader reader_;
  Encoder encoder_;
  const Ending* ending_;
};

}  // namespace charrnn
