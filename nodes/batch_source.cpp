#include "nodes/batch_source.h"

namespace charrnn {

std::optional<Batch> BatchSource::next() {
  if (ready_.empty()) {
    const auto stripe = source_.read();
    if (!stripe) return std::nullopt;
    for (Batch& batch : source_.cut(source_.encode(*stripe))) ready_.push_back(std::move(batch));
  }
  Batch batch = std::move(ready_.front());
  ready_.pop_front();
  return batch;
}

}  // namespace charrnn
