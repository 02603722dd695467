#include "model/fused/newton_schulz.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/optimizer.h"

namespace charrnn {
namespace {

int blocks_of(int count, int size) { return (count + size - 1) / size; }

}  // namespace

NewtonSchulz::NewtonSchulz(const Kernels& kernels, int longer, int shorter) : kernels_(kernels) {
  const int groups = 2 * blocks_of(shorter, 2 * width());
  const std::size_t side = static_cast<std::size_t>(groups) * width();
  const std::size_t matrix = static_cast<std::size_t>(blocks_of(longer, kRows)) * kRows * side;
  x_ = AlignedBuffer(matrix);
  next_ = AlignedBuffer(matrix);
  gram_ = AlignedBuffer((side + kRows) * side);
  polynomial_ = AlignedBuffer(side * side);
  stripe_ = AlignedBuffer(side * width());
}

void NewtonSchulz::run(float* matrix, int rows, int columns, double scale) {
  using Series = NewtonSchulzSeries;
  extent_ = {.blocks = blocks_of(std::max(rows, columns), kRows),
             .groups = 2 * blocks_of(std::min(rows, columns), 2 * width())};
  const auto count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  const double norm = std::sqrt(kernels_.sum_of_squares(matrix, count));
  load(matrix, rows, columns, 1.0 / (norm + Series::kEpsilon));
  for (int step = 0; step < Series::kSteps; ++step) {
    gram();
    polynomial();
    multiply();
  }
  save(matrix, rows, columns, scale);
}

std::ptrdiff_t NewtonSchulz::place(int row, int group) const {
  return row / kRows * block_size() + (std::ptrdiff_t{group} * kRows + row % kRows) * width();
}

// Calls `visit` with the place in tiles of each element of a row-major matrix, in its order.
template <typename Visit>
void NewtonSchulz::each(int rows, int columns, const Visit& visit) const {
  const bool across = rows < columns;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const auto [down, right] = across ? std::pair(column, row) : std::pair(row, column);
      visit(place(down, right / width()) + right % width());
    }
  }
}

void NewtonSchulz::load(const float* matrix, int rows, int columns, double factor) {
  std::fill_n(x_.data(), extent_.blocks * block_size(), 0.0F);
  const auto times = static_cast<float>(factor);
  each(rows, columns, [&](std::ptrdiff_t at) { x_.data()[at] = *matrix++ * times; });
}

void NewtonSchulz::save(float* matrix, int rows, int columns, double factor) const {
  const auto times = static_cast<float>(factor);
  each(rows, columns, [&](std::ptrdiff_t at) { *matrix++ = x_.data()[at] * times; });
}

int NewtonSchulz::multiply_stripe(const AlignedBuffer& x, int blocks, int group) {
  const int first = group / 2 * 2;
  const int groups = extent_.groups - first;
  std::fill_n(stripe_.data(), std::ptrdiff_t{groups} * width() * width(), 0.0F);
  kernels_.outer_product({.rows = kRows,
                          .steps = blocks,
                          .a = x.data() + place(0, group),
                          .a_step = block_size(),
                          .b = x.data() + place(0, first),
                          .b_groups = groups,
                          .b_step = block_size(),
                          .c = stripe_.data()});
  return first;
}

// Writes X^T X, which is symmetric. `change` is given its rows in the pieces that were multiplied,
// W columns of row k at a time, before they are stored; `at` tells where those of row k are stored.
template <typename Change, typename At>
void NewtonSchulz::square(const AlignedBuffer& x, int blocks, const Change& change, const At& at) {
  const int side = extent_.groups * width();
  for (int group = 0; group < extent_.groups; ++group) {
    const int first = multiply_stripe(x, blocks, group);
    const int columns = side - first * width();
    for (int i = 0; i < width(); ++i) {
      const int k = group * width() + i;
      float* row = stripe_.data() + std::ptrdiff_t{i} * columns;
      for (int other = first; other < extent_.groups; ++other, row += width()) {
        change(k, other, row);
        std::copy_n(row, width(), at(k, other));
      }
    }
    for (int j = (first + 2) * width(); j < side; ++j) {
      float* mirrored = at(j, group);
      const float* column = stripe_.data() + (j - first * width());
      for (int i = 0; i < width(); ++i) mirrored[i] = column[std::ptrdiff_t{i} * columns];
    }
  }
}

void NewtonSchulz::gram() {
  const auto at = [&](int k, int group) { return gram_.data() + place(k, group); };
  // The rows that fill the last block.
  for (int row = extent_.groups * width(); row % kRows != 0; ++row) {
    for (int group = 0; group < extent_.groups; ++group) std::fill_n(at(row, group), width(), 0.0F);
  }
  square(
      x_, extent_.blocks, [](int, int, float*) {}, at);
}

void NewtonSchulz::polynomial() {
  using Series = NewtonSchulzSeries;
  const auto a = static_cast<float>(Series::kA), b = static_cast<float>(Series::kB),
             c = static_cast<float>(Series::kC);
  const int side = extent_.groups * width();
  const auto change = [&](int k, int group, float* values) {
    const float* linear = gram_.data() + place(k, group);
    for (int j = 0; j < width(); ++j) values[j] = b * linear[j] + c * values[j];
    if (k / width() == group) values[k % width()] += a;
  };
  const auto at = [&](int k, int group) {
    return polynomial_.data() + (std::ptrdiff_t{group / 2} * side + k) * 2 * width() +
           group % 2 * width();
  };
  square(gram_, blocks_of(side, kRows), change, at);
}

void NewtonSchulz::multiply() {
  kernels_.product({.rows = kRows,
                    .steps = extent_.blocks,
                    .a = x_.data(),
                    .a_groups = extent_.groups,
                    .a_step = block_size(),
                    .b = polynomial_.data(),
                    .panels = extent_.groups / 2,
                    .c = next_.data(),
                    .c_step = block_size()});
  std::swap(x_, next_);
}

}  // namespace charrnn
