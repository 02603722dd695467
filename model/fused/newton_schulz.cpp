#include "model/fused/newton_schulz.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace charrnn {
namespace {

int blocks_of(int count, int size) { return (count + size - 1) / size; }

/// The step for a matrix that is still to be multiplied by `factor`.
NewtonSchulzSeries::Step scaled(const NewtonSchulzSeries::Step& step, double factor) {
  const double square = factor * factor;
  return {step.a * factor, step.b * factor * square, step.c * factor * square * square};
}

}  // namespace

NewtonSchulz::NewtonSchulz(const Kernels& kernels, int longer, int shorter) : kernels_(kernels) {
  const int groups = 2 * blocks_of(shorter, 2 * width());
  const std::size_t side = static_cast<std::size_t>(groups) * width();
  const std::size_t square = (side + kRows) * side;
  const std::size_t matrix = static_cast<std::size_t>(blocks_of(longer, kRows)) * kRows * side;
  x_ = AlignedBuffer(matrix);
  next_ = AlignedBuffer(matrix);
  gram_ = AlignedBuffer(square);
  square_ = AlignedBuffer(square);
  if (reads_pairs()) {
    x_pairs_ = AlignedBuffer(matrix);
    gram_pairs_ = AlignedBuffer(square);
  }
  polynomial_ = AlignedBuffer(side * side / kernels.terms);
  stripe_ = AlignedBuffer(side * width());
}

void NewtonSchulz::run(float* matrix, int rows, int columns, double scale) {
  using Series = NewtonSchulzSeries;
  extent_ = {.blocks = blocks_of(std::max(rows, columns), kRows),
             .groups = 2 * blocks_of(std::min(rows, columns), 2 * width())};
  const auto count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  const double norm = std::sqrt(kernels_.sum_of_squares(matrix, count));
  if (norm < Series::kSmallest) {
    std::fill_n(matrix, count, 0.0F);
    return;
  }
  load(matrix, rows, columns, 1.0 / norm);
  const int side_blocks = blocks_of(side(), kRows);
  for (const Series::Step& step : Series::kSteps) {
    const float* x = multiplicands(x_, extent_.blocks, x_pairs_);
    square(x, extent_.blocks, gram_);
    if (step.c != 0.0) square(multiplicands(gram_, side_blocks, gram_pairs_), side_blocks, square_);
    polynomial(&step == &Series::kSteps.front() ? scaled(step, 1.0 / (Series::kMargin * bound()))
                                                : step);
    multiply(x);
  }
  save(matrix, rows, columns, scale * norm / (norm + Series::kEpsilon));
}

std::ptrdiff_t NewtonSchulz::place(int row, int group) const {
  return row / kRows * block_size() + (std::ptrdiff_t{group} * kRows + row % kRows) * width();
}

// Calls visit(element, place in tiles, count) for runs of a row-major matrix, in its order: all of
// a row in one group, or single elements of a row that lies across.
template <typename Visit>
void NewtonSchulz::each_run(int rows, int columns, const Visit& visit) const {
  std::ptrdiff_t element = 0;
  for (int row = 0; row < rows; ++row) {
    if (rows < columns) {
      for (int k = 0; k < columns; ++k)
        visit(element++, place(k, row / width()) + row % width(), 1);
      continue;
    }
    std::ptrdiff_t at = place(row, 0);
    for (int first = 0; first < columns; first += width(), at += std::ptrdiff_t{kRows} * width()) {
      const int count = std::min(width(), columns - first);
      visit(element, at, count);
      element += count;
    }
  }
}

void NewtonSchulz::load(const float* matrix, int rows, int columns, double factor) {
  std::fill_n(x_.data(), extent_.blocks * block_size(), 0.0F);
  const auto times = static_cast<float>(factor);
  each_run(rows, columns, [&](std::ptrdiff_t element, std::ptrdiff_t at, int count) {
    for (int i = 0; i < count; ++i) x_.data()[at + i] = matrix[element + i] * times;
  });
}

void NewtonSchulz::save(float* matrix, int rows, int columns, double factor) const {
  const auto times = static_cast<float>(factor);
  each_run(rows, columns, [&](std::ptrdiff_t element, std::ptrdiff_t at, int count) {
    for (int i = 0; i < count; ++i) matrix[element + i] = x_.data()[at + i] * times;
  });
}

const float* NewtonSchulz::multiplicands(const AlignedBuffer& tiles, int blocks,
                                         AlignedBuffer& pairs) const {
  if (!reads_pairs()) return tiles.data();
  for (std::ptrdiff_t block = 0; block < blocks; ++block) {
    kernels_.rounding.tiles(tiles.data() + block * block_size(), kRows, extent_.groups,
                            pairs.data() + block * block_size());
  }
  return pairs.data();
}

int NewtonSchulz::multiply_stripe(const float* x, int blocks, int group) {
  const int first = group / 2 * 2;
  const int groups = extent_.groups - first;
  std::fill_n(stripe_.data(), std::ptrdiff_t{groups} * width() * width(), 0.0F);
  kernels_.outer_product({.rows = kRows,
                          .steps = blocks,
                          .a = x + place(0, group),
                          .a_step = block_size(),
                          .b = x + place(0, first),
                          .b_groups = groups,
                          .b_step = block_size(),
                          .c = stripe_.data()});
  return first;
}

void NewtonSchulz::square(const float* x, int blocks, AlignedBuffer& result) {
  // The rows that fill the last block.
  for (int row = side(); row % kRows != 0; ++row) {
    for (int group = 0; group < extent_.groups; ++group) {
      std::fill_n(result.data() + place(row, group), width(), 0.0F);
    }
  }
  for (int group = 0; group < extent_.groups; ++group) {
    const int first = multiply_stripe(x, blocks, group);
    kernels_.store_symmetric({.rows = kRows,
                              .groups = extent_.groups,
                              .group = group,
                              .first = first,
                              .stripe = stripe_.data(),
                              .tiles = result.data()});
  }
}

// Not below the largest singular value of X: the fourth root of the norm of (X^T X)^2.
double NewtonSchulz::bound() const {
  const auto count = static_cast<std::size_t>(blocks_of(side(), kRows) * block_size());
  return std::pow(kernels_.sum_of_squares(square_.data(), count), 0.125);
}

void NewtonSchulz::polynomial(const NewtonSchulzSeries::Step& step) {
  kernels_.series_polynomial({.rows = kRows,
                              .groups = extent_.groups,
                              .gram = gram_.data(),
                              .square = square_.data(),
                              .a = static_cast<float>(step.a),
                              .b = static_cast<float>(step.b),
                              .c = static_cast<float>(step.c),
                              .panels = polynomial_.data()});
}

void NewtonSchulz::multiply(const float* x) {
  kernels_.product({.rows = kRows,
                    .steps = extent_.blocks,
                    .a = x,
                    .a_groups = extent_.groups,
                    .a_step = block_size(),
                    .b = polynomial_.data(),
                    .panels = extent_.groups / 2,
                    .c = next_.data(),
                    .c_step = block_size()});
  std::swap(x_, next_);
}

}  // namespace charrnn
