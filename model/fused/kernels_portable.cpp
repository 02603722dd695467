// The kernels for any processor, by the compiler's generic vectors.
#define CHARRNN_ISA portable
#define CHARRNN_WIDTH 4
#define CHARRNN_PASS_ROWS 6

#include "model/fused/cell_steps.h"
#include "model/fused/int8_product.h"
#include "model/fused/loss_and_adam.h"
#include "model/fused/weight_sums.h"

namespace charrnn {

extern const Kernels kPortableKernels;
const Kernels kPortableKernels{
    .name = "portable",
    .width = portable::kWidth,
    .product = portable::product,
    .forward = portable::forward,
    .backward = portable::backward,
    .outer_product = portable::outer_product,
    .column_sums = portable::column_sums,
    .cross_entropy = portable::cross_entropy,
    .apply_mask = portable::apply_mask,
    .mask_bits = portable::mask_bits,
    .int8_product = portable::int8_product,
    .cells = portable::cells,
    .round_to_int16 = portable::round_to_int16,
    .adam = portable::adam,
    .sum_of_squares = portable::sum_of_squares,
};

}  // namespace charrnn
