#pragma once

#include <memory>

#include "model/torch/network_training.h"
#include "model/torch/streams.h"

namespace charrnn {

/// Steps that are alike (length, dropout, clip; no resets) are recorded after some of them, and
/// from then on done by giving the device the recording: on a GPU one call instead of some hundred.
/// Any other step is done piece by piece, and the recording stays for those that are like it.
/// Belongs to the compute thread.
class RepeatedStep {
 public:
  /// Both are borrowed.
  RepeatedStep(Streams& streams, NetworkTraining& training)
      : streams_(streams), training_(training) {}

  /// True when this step is to be done by replay(): counts it.
  bool repeats(const Batch& batch, const StepSettings& settings);

  /// In work of the compute stream: puts the window where the recording reads it.
  void load(const Window& window);

  /// Behind that work. Records first, where that was not yet done.
  void replay(const StepSettings& settings);

 private:
  bool alike(const Batch& batch, const StepSettings& settings) const;

  Streams& streams_;
  NetworkTraining& training_;
  StepSettings settings_;  // of the recording, or of what may become one
  int length_ = 0;
  int seen_ = 0;
  Window window_;  // what the recording reads
  std::unique_ptr<Recording> recording_;
  bool refused_ = false;  // the device could not record
};

}  // namespace charrnn
