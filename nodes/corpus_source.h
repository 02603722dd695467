#pragma once

#include "nodes/encoder.h"
#include "nodes/ending.h"
#include "nodes/reader.h"
#include "nodes/stages.h"

namespace charrnn {

/// The batches of a corpus: reader, encoder and batcher, to be called one after the other
/// (BatchSource) or at the same time (the graph).
class CorpusSource : public TextSource {
 public:
  /// `corpus` and `ending` (may be null) are borrowed. lanes.windows() must not be 0.
  CorpusSource(const Corpus& corpus, const Lanes& lanes, const ReaderOptions& options,
               const Ending* ending = nullptr)
      : reader_(corpus, lanes, options), encoder_(corpus), ending_(ending) {}

  /// The next stripe; nothing at the end or after the run's ending has come. Throws Error(kInput)
  /// when a file changed.
  std::optional<TextStripe> read() override;

  /// Throws Error(kInput) with file and offset when the text is not what the index says.
  SymbolStripe encode(const TextStripe& stripe) const override { return encoder_(stripe); }

  std::vector<Batch> cut(const SymbolStripe& stripe) const override;

 private:
  Reader reader_;
  Encoder encoder_;
  const Ending* ending_;
};

}  // namespace charrnn
