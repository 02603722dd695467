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

/// How exactly a GPU multiplies. Weights, moments and sums are fp32 in each of them.
enum class Precision {
  kFp32,  ///< as the CPU does
  kTf32,  ///< products of numbers that are rounded to 11 bits, summed in fp32
  kAmp,   ///< products in bfloat16 by libtorch's autocast, the rest as it chooses (no loss scaling)
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<Precision>{"fp32", "tf32", "amp"};

}  // namespace charrnn
