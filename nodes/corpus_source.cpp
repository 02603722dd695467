#include "nodes/corpus_source.h"

#include "nodes/batcher.h"

namespace charrnn {

std::optional<TextStripe> CorpusSource::read() {
  if (ending_ != nullptr && ending_->has_come()) return std::nullopt;
  return reader_();
}

std::vector<Batch> CorpusSource::cut(const SymbolStripe& stripe) const {
  return cut_batches(stripe);
}

}  // namespace charrnn
