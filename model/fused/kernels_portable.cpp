// The kernels for any processor, by the compiler's generic vectors.
#define CHARRNN_ISA portable
#define CHARRNN_WIDTH 4
#define CHARRNN_PASS_ROWS 6

#include "model/fused/kernel_table.h"

namespace charrnn {

extern const Kernels kPortableKernels;
constinit const Kernels kPortableKernels = portable::kernels("portable");

}  // namespace charrnn
