// The kernels for AVX-512 (F, VL, BW, DQ).
#define CHARRNN_ISA avx512
#define CHARRNN_WIDTH 16
#define CHARRNN_PASS_ROWS 14

#include "model/fused/kernel_table.h"

namespace charrnn {

extern const Kernels kAvx512Kernels;
constinit const Kernels kAvx512Kernels = avx512::kernels("avx512");

}  // namespace charrnn
