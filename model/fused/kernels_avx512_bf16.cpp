// The kernels for AVX-512 (F, VL, BW, DQ) with BF16, which multiply pairs of bf16.
#define CHARRNN_ISA avx512_bf16
#define CHARRNN_WIDTH 16
#define CHARRNN_PASS_ROWS 14
#define CHARRNN_BF16 "model/fused/bf16_instructions.h"

#include "model/fused/kernel_table.h"

namespace charrnn {

extern const Kernels kAvx512Bf16Kernels;
constinit const Kernels kAvx512Bf16Kernels = avx512_bf16::kernels("avx512_bf16");

}  // namespace charrnn
