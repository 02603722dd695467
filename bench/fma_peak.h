#pragma once

namespace charrnn {

/// The limit beside which every speed is read: fp32 multiply-adds with this processor's widest
/// vectors, measured for about 0.1 s.
struct FmaPeak {
  double gflops = 0.0;             ///< of all threads together, by the clock on the wall
  double gflops_per_thread = 0.0;  ///< of one, by its processor time: also right on a busy machine
};

FmaPeak fma_peak(int threads);

/// Processor time of all threads of this process so far, seconds.
double processor_seconds();

}  // namespace charrnn
