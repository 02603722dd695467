#pragma once

#include <string>

#include "model/backend.h"

namespace charrnn {

/// A backend that trains nothing: each step folds its batch into a digest, so that two data runs
/// can be compared symbol for symbol. Its loss is 0 and its weights never change.
class HashBackend : public Backend {
 public:
  /// XXH3-128 of the digest before it and of each batch's index, epoch (from 0), epoch start, rows,
  /// length, inputs, targets and resets, chained from the first batch on: 32 hex digits, high half
  /// first. Does not depend on stripes. Restored from TrainState::digest; 32 zeros to begin with.
  virtual std::string digest() const = 0;
};

/// A hash backend that goes on from `state.digest` (empty: from the beginning). Throws
/// Error(kCheckpoint) when that is not a digest.
std::unique_ptr<HashBackend> make_digesting_backend(const TrainState& state);

}  // namespace charrnn
