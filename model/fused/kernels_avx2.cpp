// The kernels for AVX2 and FMA.
#define CHARRNN_ISA avx2
#define CHARRNN_WIDTH 8
#define CHARRNN_PASS_ROWS 6

#include "model/fused/kernel_table.h"

namespace charrnn {

extern const Kernels kAvx2Kernels;
constinit const Kernels kAvx2Kernels = avx2::kernels("avx2");

}  // namespace charrnn
