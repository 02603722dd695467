// The kernels for AVX-512 (F, VL, BW, DQ).
#define CHARRNN_ISA avx512
#define CHARRNN_WIDTH 16
#define CHARRNN_PASS_ROWS 14

#include "model/fused/cell_steps.h"
#include "model/fused/int8_product.h"
#include "model/fused/loss_and_adam.h"
#include "model/fused/weight_sums.h"

namespace charrnn {

extern const Kernels kAvx512Kernels;
const Kernels kAvx512Kernels{
    .name = "avx512",
    .width = avx512::kWidth,
    .product = avx512::product,
    .forward = avx512::forward,
    .backward = avx512::backward,
    .outer_product = avx512::outer_product,
    .column_sums = avx512::column_sums,
    .cross_entropy = avx512::cross_entropy,
    .apply_mask = avx512::apply_mask,
    .mask_bits = avx512::mask_bits,
    .int8_product = avx512::int8_product,
    .cells = avx512::cells,
    .round_to_int16 = avx512::round_to_int16,
    .adam = avx512::adam,
    .sum_of_squares = avx512::sum_of_squares,
};

}  // namespace charrnn
