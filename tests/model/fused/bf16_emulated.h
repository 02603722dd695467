#pragma once

#include <vector>

#include "model/fused/kernel_choice.h"

namespace charrnn {

/// Kernels that emulate AVX512-BF16: portable ones, and, null where AVX-512 itself is missing,
/// those with the width and the order of sums of the real ones.
extern const Kernels kBf16EmulatedPortable;
const Kernels* bf16_emulated_avx512();

/// All kernels that multiply bf16 and can run here.
std::vector<const Kernels*> all_bf16_kernels();

/// runnable_kernels() and all_bf16_kernels().
std::vector<const Kernels*> all_kernels();

}  // namespace charrnn
