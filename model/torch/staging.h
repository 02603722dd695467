#pragma once

#include <mutex>
#include <vector>

#include "model/batch.h"
#include "model/torch/streams.h"

namespace charrnn {

/// Where one batch's symbols stand on both sides: [planes, T, B] int16, the planes being inputs,
/// targets and, where a row is reset, resets.
struct StagingPlace {
  at::Tensor host;
  at::Tensor device;
  std::shared_ptr<const Streams::Mark> sent;  ///< behind the copy to the device, null before one
  std::shared_ptr<const Streams::Mark> read;  ///< behind the work that read it there, likewise
};

/// The places, used again and again: as many as batches are on their way at a time, two in a steady
/// run. Callable from any thread.
class Staging {
 public:
  /// `streams` is borrowed.
  explicit Staging(Streams& streams) : streams_(streams) {}

  /// Takes a place and begins to bring the batch's symbols over. Waits only when the host's side is
  /// still being copied.
  std::shared_ptr<StagingPlace> send(const Batch& batch);

  /// Gives a place back.
  void put_back(std::shared_ptr<StagingPlace> place);

  /// Places that were made.
  int places() const;

 private:
  std::shared_ptr<StagingPlace> take(at::IntArrayRef size);

  Streams& streams_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<StagingPlace>> free_;  // guarded by mutex_, longest free first
  int places_ = 0;                                   // guarded by mutex_
};

}  // namespace charrnn
