// Kernels that multiply emulated pairs of bf16, for AVX-512 without BF16, of the same width and
// order as kernels_avx512_bf16.cpp.
#define CHARRNN_ISA bf16_emulated_avx512
#define CHARRNN_WIDTH 16
#define CHARRNN_PASS_ROWS 14
#define CHARRNN_BF16 "tests/model/fused/bf16_emulation.h"

#include "model/fused/kernel_table.h"

namespace charrnn {

extern const Kernels kBf16EmulatedAvx512;
constinit const Kernels kBf16EmulatedAvx512 = bf16_emulated_avx512::kernels("bf16_emulated_avx512");

}  // namespace charrnn
