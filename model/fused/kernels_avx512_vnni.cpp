// The kernels for AVX-512 (F, VL, BW, DQ) with VNNI: only 8-bit weights gain by it.
#define CHARRNN_ISA avx512_vnni
#define CHARRNN_WIDTH 16
#define CHARRNN_PASS_ROWS 14

#include "model/fused/kernel_table.h"

namespace charrnn {

extern const Kernels kAvx512VnniKernels;
constinit const Kernels kAvx512VnniKernels = avx512_vnni::kernels("avx512_vnni");

}  // namespace charrnn
