#pragma once

#include <array>
#include <string_view>

#include "base/named_enum.h"

namespace charrnn {

/// Where a network is trained.
enum class Device {
  kAuto,  ///< on the GPU if there is one, else on the CPU
  kCpu,
  kCuda,  ///< on the first CUDA device
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<Device>{"auto", "cpu", "cuda"};

/// What the large products multiply. Weights, moments and sums are fp32 in each of them.
enum class Precision {
  kFp32,
  kBf16,  ///< numbers that are rounded to 8 bits, by the fused kernels on a CPU with AVX512-BF16
  kTf32,  ///< numbers that are rounded to 11 bits, on a GPU
  kAmp,   ///< on a GPU: bfloat16 by libtorch's autocast, the rest as it chooses (no loss scaling)
  kAuto,  ///< kBf16 where it can be had, else kFp32
};
template <>
inline constexpr std::array<std::string_view, 5> kWords<Precision>{"fp32", "bf16", "tf32", "amp",
                                                                   "auto"};

}  // namespace charrnn
