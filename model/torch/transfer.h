#pragma once

#include <memory>

#include "model/backend.h"
#include "model/torch/char_rnn.h"
#include "model/torch/streams.h"

namespace charrnn {

/// The way of a batch to the device. One thread feeds with start(), the compute thread does the
/// rest, and neither waits for the other.
class Transfer {
 public:
  virtual ~Transfer() = default;

  /// Begins to bring the batch over.
  virtual std::shared_ptr<const DeviceBatch> start(Batch batch) = 0;

  /// Before the compute stream gets work that reads the batch: lets that work follow its arrival.
  virtual void arrive(const DeviceBatch& batch) = 0;

  /// The batch's tensors; called by that work.
  virtual Window read(const DeviceBatch& batch) = 0;

  /// After that work was given: what held the batch may be used again behind it.
  virtual void leave(const DeviceBatch& batch) = 0;
};

/// The device is the host: nothing moves, and tensors are made on the compute thread alone.
std::unique_ptr<Transfer> make_host_transfer();

/// Symbols cross on the copy stream, 16 bits a character, from memory that copies can read beside
/// the host, while the compute stream works on the batch before. The places that hold them on both
/// sides are used again, never before they were read. `streams` is borrowed.
std::unique_ptr<Transfer> make_staged_transfer(Streams& streams);

}  // namespace charrnn
