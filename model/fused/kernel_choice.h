#pragma once

#include <string_view>
#include <vector>

#include "model/device.h"
#include "model/fused/kernels.h"

namespace charrnn {

/// The fastest kernels that this processor can run.
const Kernels& fastest_kernels();

/// All kernels that this processor can run, fastest first: "avx512_vnni", "avx512", "avx2",
/// "portable".
std::vector<const Kernels*> runnable_kernels();

/// The kernels that multiply bf16, or null when this processor has no instructions for that.
const Kernels* bf16_kernels();

/// The fastest kernels of kFp32, or those of kBf16. Throws Error(kConfig) when this processor does
/// not have that precision.
const Kernels& kernels_for(Precision precision);

}  // namespace charrnn
