#pragma once

#include <span>

namespace charrnn {

/// What stands between a step's gradient and its update when several machines take the step
/// together. On one machine there is none. Called by the compute thread alone.
class GradientReduction {
 public:
  virtual ~GradientReduction() = default;

  /// A part of the flat gradient holds this machine's terms. Parts are given in descending order,
  /// the top layer's first, and together they are the whole gradient; the caller leaves them alone
  /// until finish() has returned.
  virtual void start(std::span<float> part) = 0;

  /// Returns when every part holds the gradient of all machines, bit for bit the same on each.
  virtual void finish() = 0;
};

}  // namespace charrnn
