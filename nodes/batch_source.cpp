#include "nodes/batch_source.h"

#include "nodes/batcher.h"

namespace charrnn {

std::optional<Batch> BatchSource::next() {
  if (ready_.empty()) {
    const auto stripe = reader_();
    if (!stripe) return std::nullopt;
    for (Batch& batch : cut_batches(encoder_(*stripe))) ready_.push_back(std::move(batch));
  }
  Batch batch = std::move(ready_.front());
  ready_.pop_front();
  return batch;
}

}  // namespace charrnn
