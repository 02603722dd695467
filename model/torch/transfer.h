#pragma once

#include <memory>

#include "model/backend.h"
#include "model/torch/char_lstm.h"

namespace charrnn {

/// The way of a batch to the device: start() on the thread that feeds, finish() on the compute
/// thread, which may have to wait on the device (never on the host) for what start() began.
class Transfer {
 public:
  virtual ~Transfer() = default;

  /// Begins to bring the batch over. May run while finish() runs.
  virtual std::shared_ptr<const DeviceBatch> start(Batch batch) = 0;

  /// The tensors of a batch that start() returned.
  virtual Window finish(const DeviceBatch& batch) = 0;
};

/// The device is the host: nothing moves, and tensors are made on the compute thread alone.
std::unique_ptr<Transfer> make_host_transfer();

/// Symbols cross in pinned memory on a stream of their own (16 bits a character), while the compute
/// stream works on the batch before. Throws Error(kConfig) when this build has no CUDA.
std::unique_ptr<Transfer> make_cuda_transfer(at::Device device);

}  // namespace charrnn
