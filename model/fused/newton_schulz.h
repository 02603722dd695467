#pragma once

#include "model/fused/aligned_buffer.h"
#include "model/fused/kernels.h"
#include "model/optimizer.h"

namespace charrnn {

/// Makes matrices orthogonal with the products of the kernels, one matrix at a time on the calling
/// thread. The longer side of a matrix lies along the rows of its tiles, which are cut into blocks
/// of kRows: [block][group of columns][row][W]. G = X^T X and its square are symmetric, so half of
/// each is computed. Sums run in ascending order, so equal matrices give equal bits. Kernels of 2
/// terms round what they multiply to bf16; sums are of fp32.
class NewtonSchulz {
 public:
  /// For matrices of at most `longer` x `shorter` elements.
  NewtonSchulz(const Kernels& kernels, int longer, int shorter);

  /// Replaces a row-major matrix [rows, columns] by NewtonSchulzSeries' orthogonal one, times
  /// `scale`. A matrix of zeros stays as it is; NaN anywhere becomes NaN everywhere.
  void run(float* matrix, int rows, int columns, double scale);

 private:
  static constexpr int kRows = 12;  // one or two passes of the product on every instruction set

  /// The size of a matrix in tiles.
  struct Extent {
    int blocks;
    int groups;  // an even number
  };

  std::ptrdiff_t block_size() const { return std::ptrdiff_t{extent_.groups} * kRows * width(); }
  int width() const { return kernels_.width; }
  int side() const { return extent_.groups * width(); }
  bool reads_pairs() const { return kernels_.terms > 1; }
  /// Where a row's first element of a group lies in tiles.
  std::ptrdiff_t place(int row, int group) const;
  template <typename Visit>
  void each_run(int rows, int columns, const Visit& visit) const;
  void load(const float* matrix, int rows, int columns, double factor);
  void save(float* matrix, int rows, int columns, double factor) const;
  /// Tiles as products read them: themselves, or their pairs, which are written to `pairs`.
  const float* multiplicands(const AlignedBuffer& tiles, int blocks, AlignedBuffer& pairs) const;
  /// The rows of one group in X^T X, from the pair of groups that holds it to the last, in stripe_.
  /// Returns that pair's first group.
  int multiply_stripe(const float* x, int blocks, int group);
  /// Tiles of X^T X, which is symmetric.
  void square(const float* x, int blocks, AlignedBuffer& result);
  double bound() const;
  void polynomial(const NewtonSchulzSeries::Step& step);
  void multiply(const float* x);

  const Kernels& kernels_;
  Extent extent_{};
  AlignedBuffer x_, next_;              // tiles of the matrix
  AlignedBuffer gram_, square_;         // tiles of G and of its square
  AlignedBuffer x_pairs_, gram_pairs_;  // of the tiles, for kernels of 2 terms
  AlignedBuffer polynomial_;            // panels [panel][k / terms][2 W]
  AlignedBuffer stripe_;                // [W][columns]
};

}  // namespace charrnn
