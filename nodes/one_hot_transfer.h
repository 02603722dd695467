#pragma once

#include <memory>

#include "model/backend.h"

namespace charrnn {

/// Brings a batch to where its network lives: symbols cross the bus in pinned memory on a side
/// stream and become one-hot rows there; on the CPU, where the first layer gathers rows of its
/// weights, they only change hands. One call at a time; may run while a step runs.
class OneHotTransfer {
 public:
  /// `backend` is borrowed.
  explicit OneHotTransfer(Backend& backend) : backend_(backend) {}

  std::shared_ptr<const DeviceBatch> operator()(Batch batch) const {
    return backend_.transfer(std::move(batch));
  }

 private:
  Backend& backend_;
};

}  // namespace charrnn
