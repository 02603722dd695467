// Kernels that multiply emulated pairs of bf16, for any processor.
#define CHARRNN_ISA bf16_emulated_portable
#define CHARRNN_WIDTH 4
#define CHARRNN_PASS_ROWS 6
#define CHARRNN_BF16 "tests/model/fused/bf16_emulation.h"

#include "model/fused/kernel_table.h"

namespace charrnn {

extern const Kernels kBf16EmulatedPortable;
constinit const Kernels kBf16EmulatedPortable =
    bf16_emulated_portable::kernels("bf16_emulated_portable");

}  // namespace charrnn
