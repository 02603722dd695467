#pragma once

#include <cstddef>
#include <cstdint>

#include "model/cell_kind.h"
#include "model/optimizer_kind.h"

/// The inner loops of the CPU path, compiled once for each instruction set; see kernel_choice.h.
///
/// Layout. Units are handled in groups of W (`Kernels::width`, the floats of one vector register);
/// H is padded to a whole number of pairs of groups, and padding stays zero through every formula.
/// Rows are handled in blocks of at most kMaxBlockRows. One time step of a block is stored as
///   unit tiles  [group][row][W]      states and their gradients; scores (groups of symbols)
///   gate tiles  [group][row][G][W]   the cell's G tiles of the group's units: the sums, then the
///                                    gates made of them, then the gradients of the sums
/// so that one vector is one row's group, a product reads its left side as rows x k, and the weight
/// gradients read the same tiles as k x columns: nothing is ever copied or transposed in between.
/// Weights are packed in panels of 2 W columns, [panel][k][2 W], with k and the columns in the
/// order of the tiles: the columns of gates are [group][G][W].
///
/// Pair tiles. Kernels may multiply pairs of bf16 instead of floats (`Kernels::terms` is 2), and
/// add what they multiply in fp32. What a product reads is then stored as pairs, in the place of
/// the tiles and in no more bytes, twice in each group, as a product along rows and one along k
/// read it:
///   pair tiles  [group]{[row / 2][G W] of (a row, the next), [row][G W / 2] of (a k, the next)}
/// where an odd last row is in the second part alone. Panels are [panel][k / 2][2 W] of
/// (a k, the next). The bias, all sums, states and gates are floats.
///
/// Order of sums. Every product adds its terms one by one in ascending k, whatever the number of
/// rows, so a row's bits do not depend on its neighbours (of a pair the second comes first); weight
/// gradients add over (block, time,
/// row) ascending, so bits do not depend on threads. Between instruction sets bits may differ.
namespace charrnn {

/// The most rows that one block may have.
constexpr int kMaxBlockRows = 16;

/// The most states that a cell may carry.
constexpr int kMostStates = 2;

/// C = bias + A B for each of `steps` time steps.
struct Product {
  int rows = 0;
  int steps = 1;
  const float* a = nullptr;  ///< unit tiles, or gate tiles when `a_tiles` is more than 1
  int a_tiles = 1;           ///< of each group: 1, or as many as a cell has
  int a_groups = 0;
  std::ptrdiff_t a_step = 0;  ///< floats from one time step to the next
  const float* b = nullptr;   ///< [panel][k][2 W]
  int panels = 0;
  const float* bias = nullptr;  ///< [panel][2 W], or null for none
  float* c = nullptr;           ///< tiles, as `c_tiles` tells
  int c_tiles = 1;              ///< of each group
  std::ptrdiff_t c_step = 0;
};

/// C = bias + scale (start + A B) with B in 8 bits. The sums are whole numbers: exact, so that they
/// are the same for every order and instruction set. One time step.
struct Int8Product {
  int rows = 0;
  const std::byte* a = nullptr;  ///< unit tiles, as Kernels::round_activations wrote them
  int a_groups = 0;
  const std::int8_t* b = nullptr;  ///< [panel][k / int8_terms][2 W][int8_terms of k]
  int panels = 0;
  const std::int32_t* start = nullptr;  ///< [panel][2 W]
  const float* scale = nullptr;         ///< [panel][2 W], of what A B counts
  const float* bias = nullptr;          ///< [panel][2 W]
  const float* checks = nullptr;        ///< [row], added: see Kernels::check_rows; null: all 0
  float* c = nullptr;                   ///< tiles, as `c_tiles` tells
  int c_tiles = 1;                      ///< of each group
};

/// Hidden states lie in (-1, 1): 7 bits and a sign of them. Times 7 bits of a weight, the sum over
/// 100,000 inputs stays within 31 bits.
constexpr int kInt8ActivationScale = 127;

/// What an instruction that takes activations without a sign adds to them.
constexpr int kUnsignedActivationZero = 128;

/// A mask's bits: element e of the mask is kept when bit (e + offset) is set, lowest bit first.
struct MaskBits {
  const std::uint8_t* bits = nullptr;  ///< null: everything is kept, with factor 1
  std::uint64_t offset = 0;            ///< of the block's first element of this time step
  float factor = 1.0F;                 ///< of what is kept
};

/// One time step of one layer, forward: the recurrent product and, while it is hot, the cell.
struct ForwardStep {
  int rows = 0;
  int hidden = 0;                         ///< H, the distance of two rows' bits in `mask`
  int groups = 0;                         ///< of the whole layer
  int first_group = 0, last_group = 0;    ///< those to compute, [first, last); both even
  const float* before[kMostStates] = {};  ///< the cell's states, unit tiles
  const float* pairs_before = nullptr;    ///< before[0] as pair tiles, for kernels of 2 terms
  const float* weights = nullptr;         ///< W_hh: [panel of gates][k][2 W]
  const float* const* inputs = nullptr;   ///< each row's input share, [group][G][W], bias included;
                                          ///< null: `gates` holds it already
  float* gates = nullptr;                 ///< gate tiles: out
  float* after[kMostStates] = {};         ///< the states, unit tiles: out; the first is the output
  float* pairs_after = nullptr;           ///< after[0] as pair tiles: out, for kernels of 2 terms
  float* masked = nullptr;                ///< output times mask, what products read: out; null: not
                                          ///< wanted
  MaskBits mask = {};
};

/// One time step of one layer, backward.
struct BackwardStep {
  int rows = 0;
  int groups = 0;
  const float* gates_after = nullptr;  ///< gradients of the next time step's gates, as this call
                                       ///< left them; null: none
  const float* weights = nullptr;      ///< W_hh: [panel of units][k][2 W], k in gate tile order
  const float* keep_after = nullptr;   ///< [row]: 0 cuts the gradient from the next time step;
                                       ///< null: never
  const float* d_output = nullptr;     ///< gradient from above, unit tiles
  const float* before[kMostStates] = {};
  const float* after[kMostStates] = {};
  float* gates = nullptr;           ///< in: gates, out: gradients of what they were computed from,
                                    ///< as pair tiles by kernels of 2 terms
  float* direct[kMostStates] = {};  ///< in and out: gradients of this step's states, then of those
                                    ///< before it, beside what goes through the products; the
                                    ///< cell leaves alone what it does not need
};

/// c[m][n] += sum over time and rows of a[.., m] b[.., n]: a part of a weight gradient.
struct OuterProduct {
  int rows = 0;
  int steps = 0;       ///< so few that their share of a and b stays in the L2 cache
  int next_steps = 0;  ///< steps of a that will be read after these: they are fetched meanwhile
  const float* a = nullptr;  ///< one group's tiles, [row][a_tiles * W]
  int a_tiles = 1;
  std::ptrdiff_t a_step = 0;
  const float* b = nullptr;  ///< unit tiles
  int b_groups = 0;
  std::ptrdiff_t b_step = 0;
  float* c = nullptr;  ///< [m][b_groups * W]
};

/// Sums of one group's gradients over time and rows.
struct ColumnSums {
  int rows = 0;
  int steps = 0;
  const float* a = nullptr;  ///< one group's tiles, [row][a_tiles * W]
  int a_tiles = 1;
  std::ptrdiff_t a_step = 0;
  const std::uint16_t* symbols = nullptr;  ///< [step][row]: which sum a row belongs to; null: 0
  float* sums = nullptr;                   ///< [symbol][a_tiles * W], added to
};

/// Softmax, cross-entropy and its gradient.
struct CrossEntropy {
  int rows = 0;
  int steps = 0;
  int groups = 0;
  float* scores = nullptr;  ///< unit tiles over symbols; out: gradients when `scale` is not 0
  std::ptrdiff_t step = 0;
  const std::uint16_t* targets = nullptr;  ///< [step][row]
  float scale = 0.0F;                      ///< of the gradients
};

/// An optimiser's update of a run of parameters, each by itself.
struct UpdateRun {
  std::size_t count = 0;
  float* weights = nullptr;
  const float* gradient = nullptr;
  float* slots[kMostSlots] = {};       ///< in the order of the OptimizerRule
  float clip_factor = 1.0F;            ///< the gradient is multiplied by it
  float factors[kUpdateFactors] = {};  ///< as the OptimizerRule tells them for this step
  float decay = 0.0F;                  ///< share of the weights that goes besides
  bool cautious_decay = false;         ///< ... of those that the update moves towards 0
  float* average = nullptr;            ///< of the weights; null: there is none
  float average_share = 0.0F;          ///< that the new weights get in it
};

/// A dropout mask's bits for philox blocks [first_block, first_block + blocks), one byte each.
struct MaskRun {
  std::uint64_t seed = 0;
  std::uint64_t counter_high = 0;
  std::uint32_t threshold = 0;  ///< half-words below it are dropped (bit 0)
  std::uint64_t first_block = 0;
  std::size_t blocks = 0;
  std::uint8_t* bits = nullptr;
};

/// Panels of a I + b G + c G^2 for a product, [panel][k / terms][2 W]. Tiles are cut into blocks of
/// `rows` rows here and below: [block][group][row][W].
struct SeriesPolynomial {
  int rows = 0;
  int groups = 0;                 ///< of columns: G has groups x W of them and as many rows
  const float* gram = nullptr;    ///< tiles of G
  const float* square = nullptr;  ///< tiles of G^2
  float a = 0.0F, b = 0.0F, c = 0.0F;
  float* panels = nullptr;  ///< out
};

/// One group's rows of a symmetric matrix, which are also its columns.
struct SymmetricStripe {
  int rows = 0;
  int groups = 0;                 ///< of columns of the matrix
  int group = 0;                  ///< whose rows these are
  int first = 0;                  ///< group that the stripe's columns begin with: that of the pair
  const float* stripe = nullptr;  ///< [W][columns]
  float* tiles = nullptr;         ///< out: the rows from `first` on, and the columns below the pair
};

/// Rounding to pairs of bf16, ties to even; all null in kernels that multiply floats.
struct RoundingKernels {
  /// Makes pairs of values[0 .. count) and their neighbours; an odd last one is paired with zero.
  void (*neighbours)(const float* values, std::ptrdiff_t count, float* pairs);
  /// pairs[i] = (first[i], second[i]); `second` may be null: zeros.
  void (*two)(const float* first, const float* second, std::ptrdiff_t count, float* pairs);
  /// Makes pair tiles of unit tiles; `pairs` may be `tiles`.
  void (*tiles)(const float* tiles, int rows, int groups, float* pairs);
};

/// One cell's time steps.
struct CellKernels {
  int tiles;   ///< G
  int states;  ///< as many of `before` and `after` are read and written
  void (*forward)(const ForwardStep&);
  /// forward() without its product, which `gates` holds already; `inputs` is added to it.
  void (*update_cells)(const ForwardStep&);
  void (*backward)(const BackwardStep&);
};

/// One instruction set's inner loops. All memory is borrowed; pointers to tiles and panels are
/// aligned to 64 bytes. Nothing is shared between calls: any thread may call any of them.
struct Kernels {
  const char* name;
  int width;       ///< W
  int terms;       ///< numbers in each multiplicand of 32 bits: 1 float, or 2 of bf16
  int int8_terms;  ///< terms of a sum that int8_product() adds at once in a lane: 2, of activations
                   ///< in 16 bits; or 4, in 8 bits less kUnsignedActivationZero
  void (*product)(const Product&);
  CellKernels cells[kCellKinds];  ///< by CellKind
  void (*outer_product)(const OuterProduct&);
  void (*column_sums)(const ColumnSums&);
  RoundingKernels rounding;
  /// Returns the sum of the cross-entropies in nats, added row by row, step by step.
  double (*cross_entropy)(const CrossEntropy&);
  /// Multiplies one time step's unit tiles by a mask.
  void (*apply_mask)(const MaskBits&, int rows, int hidden, int groups, float* tiles);
  void (*mask_bits)(const MaskRun&);
  void (*int8_product)(const Int8Product&);
  /// Rounds hidden states for int8_product(), to 4 / int8_terms bytes each.
  void (*round_activations)(const float* values, std::size_t count, std::byte* out);
  /// Adds to checks[row] 0 when all of the row's values in these unit tiles are finite, else NaN:
  /// rounding would make a number of what is none.
  void (*check_rows)(const float* tiles, int rows, int groups, float* checks);
  void (*series_polynomial)(const SeriesPolynomial&);
  void (*store_symmetric)(const SymmetricStripe&);
  void (*update[kOptimizers])(const UpdateRun&);  ///< by OptimizerKind
  double (*sum_of_squares)(const float* values, std::size_t count);

  const CellKernels& cell(CellKind kind) const { return cells[static_cast<int>(kind)]; }
};

}  // namespace charrnn
