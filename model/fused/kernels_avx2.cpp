// The kernels for AVX2 and FMA.
#define CHARRNN_ISA avx2
#define CHARRNN_WIDTH 8
#define CHARRNN_PASS_ROWS 6

#include "model/fused/cell_steps.h"
#include "model/fused/int8_product.h"
#include "model/fused/loss_and_adam.h"
#include "model/fused/weight_sums.h"

namespace charrnn {

extern const Kernels kAvx2Kernels;
const Kernels kAvx2Kernels{
    .name = "avx2",
    .width = avx2::kWidth,
    .product = avx2::product,
    .forward = avx2::forward,
    .backward = avx2::backward,
    .outer_product = avx2::outer_product,
    .column_sums = avx2::column_sums,
    .cross_entropy = avx2::cross_entropy,
    .apply_mask = avx2::apply_mask,
    .mask_bits = avx2::mask_bits,
    .int8_product = avx2::int8_product,
    .cells = avx2::cells,
    .round_to_int16 = avx2::round_to_int16,
    .adam = avx2::adam,
    .sum_of_squares = avx2::sum_of_squares,
};

}  // namespace charrnn
