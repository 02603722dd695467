#pragma once

#include <cstdint>

namespace charrnn {

/// How often something is due.
struct Pace {
  std::uint64_t every_steps = 0;  ///< after each so many steps; 0: never
  double every_epochs = 0.0;      ///< in place of that if above 0: so many epochs, or parts of one
  std::uint64_t windows = 0;      ///< batches of an epoch

  /// True after a step that is a multiple of `every_steps`, or after the first batch with which
  /// another `every_epochs` of the text has been read. `batches`: trained on, this one included.
  bool due(std::uint64_t step, std::uint64_t batches) const {
    if (every_epochs > 0.0) return shares(batches) > shares(batches - 1);
    return every_steps != 0 && step % every_steps == 0;
  }

  /// Steps from one time to the next, on average; 0: never.
  double interval() const {
    if (every_epochs > 0.0) return every_epochs * static_cast<double>(windows);
    return static_cast<double>(every_steps);
  }

  /// How often it is due in the steps behind `from` up to `to`, as long as steps are batches.
  std::uint64_t times(std::uint64_t from, std::uint64_t to) const {
    if (every_epochs > 0.0) return shares(to) - shares(from);
    return every_steps == 0 ? 0 : to / every_steps - from / every_steps;
  }

 private:
  // The whole shares of `every_epochs` in so many batches; what rounding takes from the last one
  // does not count.
  std::uint64_t shares(std::uint64_t batches) const {
    return static_cast<std::uint64_t>((static_cast<double>(batches) + 1e-6) /
                                      (every_epochs * static_cast<double>(windows)));
  }
};

}  // namespace charrnn
