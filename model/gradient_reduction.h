#pragma once

#include <span>

namespace charrnn {

/// What stands between a step's gradient and its update when several machines take the step
/// together. On one machine there is none. Called by the compute thread alone. What it throws ends
/// the step: the weights are then those before it, and so is the carried state.
class GradientReduction {
 public:
  virtual ~GradientReduction() = default;

  /// Whether this machine adds its terms to those of another, which take_over() waits for. Sums are
  /// then in the order of one machine.
  virtual bool takes_over() const { return false; }

  /// Called when this machine's terms are ready to be added, if takes_over(): `gradient` gets the
  /// sum so far.
  virtual void take_over(std::span<float> /*gradient*/) {}

  /// A part of the flat gradient holds this machine's terms, or the sum up to them. Parts are given
  /// in descending order, the top layer's first, and together they are the whole gradient; the
  /// caller leaves them alone until finish() has returned.
  virtual void start(std::span<float> part) = 0;

  /// Returns when every part holds the gradient of all machines, bit for bit the same on each.
  virtual void finish() = 0;

  /// Puts numbers together of which each is zero on all machines but one.
  virtual void gather(std::span<double> /*numbers*/) {}
};

}  // namespace charrnn
