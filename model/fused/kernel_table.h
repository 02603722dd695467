// All inner loops of the instruction set that the including file names. For kernels_*.cpp only.
#pragma once

#include "model/fused/cell_steps.h"
#include "model/fused/cells/gru.h"
#include "model/fused/cells/lstm.h"
#include "model/fused/cells/tanh.h"
#include "model/fused/int8_product.h"
#include "model/fused/loss.h"
#include "model/fused/optimizers/adam.h"
#include "model/fused/optimizers/muon.h"
#include "model/fused/optimizers/sgd.h"
#include "model/fused/series_steps.h"
#include "model/fused/weight_sums.h"

namespace charrnn::CHARRNN_ISA {

constexpr Kernels kernels(const char* name) {
  return {
      .name = name,
      .width = kWidth,
      .terms = kTerms,
      .int8_terms = kInt8Terms,
      .product = product,
      .cells = {cell_kernels<Lstm>(), cell_kernels<Gru>(), cell_kernels<Tanh>()},
      .outer_product = outer_product,
      .column_sums = column_sums,
      .rounding = kRounding,
      .cross_entropy = cross_entropy,
      .apply_mask = apply_mask,
      .mask_bits = mask_bits,
      .int8_product = int8_product,
      .round_activations = round_activations,
      .check_rows = check_rows,
      .series_polynomial = series_polynomial,
      .store_symmetric = store_symmetric,
      .update = {adam, sgd, muon},
      .sum_of_squares = sum_of_squares,
  };
}

}  // namespace charrnn::CHARRNN_ISA
