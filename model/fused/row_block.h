#pragma once

#include <cstdint>
#include <vector>

#include "model/batch.h"
#include "model/dropout.h"
#include "model/fused/aligned_buffer.h"
#include "model/fused/geometry.h"
#include "model/fused/kernels.h"
#include "model/fused/packed_weights.h"

namespace charrnn {

/// What a RowBlock holds room for.
struct RowBlockRoom {
  int rows = 0;           ///< at most kMaxBlockRows
  int steps = 0;          ///< time steps that are kept
  bool training = false;  ///< masks and gradients too
};

/// Some rows of a batch on their way through the network: one thread takes them through the whole
/// window, forward and backward, without waiting for other rows. What the weight gradients need
/// stays here until the next assign().
class RowBlock {
 public:
  RowBlock(const Geometry& geometry, const Kernels& kernels, const RowBlockRoom& room);

  /// Takes rows [first_row, first_row + rows) and time steps [first_step, first_step + steps) of a
  /// batch. `mask`: seed, step and probability of the masks; its layer is not read.
  void assign(const Batch& batch, int first_row, int rows, int first_step, int steps,
              const DropoutKey& mask);

  /// Copies the rows' carried state in and out; B = batch.rows.
  void load_state(const std::vector<CarriedTensor>& carried);
  void save_state(std::vector<CarriedTensor>& carried) const;

  /// Returns the sum of the rows' cross-entropies in nats. With `scale`, leaves the gradients of
  /// scale x that sum with respect to the scores in scores().
  double forward(const PackedWeights& weights, float scale);

  /// Turns the gates of every layer into their gradients. forward() with a scale comes before it.
  void backward(const PackedWeights& weights);

  int rows() const { return rows_; }
  int steps() const { return steps_; }
  const std::uint16_t* inputs() const { return inputs_.data(); }  ///< [step][row]

  /// What a layer's recurrent product read: unit tiles of each step; for kernels of 2 terms this
  /// and what follows are pair tiles.
  const float* hidden_before(int layer, int step) const;

  /// A layer's output after its mask.
  const float* output(int layer, int step) const;

  /// Gates, or after backward() their gradients.
  const float* gates(int layer, int step) const;

  /// The scores' gradients.
  const float* scores(int step) const;

 private:
  struct Layer {
    AlignedBuffer gates;                // [step]
    std::vector<AlignedBuffer> states;  // [state][step + 1]: the first stands before the window
    std::vector<AlignedBuffer> states_before;  // [state][step], when rows are reset in the window
    AlignedBuffer pairs, pairs_before;         // of the first state, for kernels of 2 terms
    std::vector<AlignedBuffer> direct;         // [state], see BackwardStep
    AlignedBuffer masked;                      // [step], when there is a mask
    std::vector<std::uint8_t> mask_bytes;      // [step]
    std::vector<MaskBits> mask;                // [step]
  };

  bool reads_pairs() const { return kernels_.terms > 1; }
  void draw_masks(const DropoutKey& mask);
  void note_resets(const Batch& batch);
  void start_rows(int layer, int step);
  void forward_layer(const PackedWeights& weights, int layer, int first, int last);
  double forward_scores(const PackedWeights& weights, int first, int last, float scale);
  void backward_layer(const PackedWeights& weights, int layer, int first, int last);
  void d_output_from_above(const PackedWeights& weights, int layer, int first, int last);
  std::ptrdiff_t carried_place(int layer, int row) const;  // of a row's units in a carried tensor
  const float* state_before(int state, int layer, int step) const;
  float* state_after(int state, int layer, int step);
  int steps_at_once() const;

  Geometry geometry_;
  const Kernels& kernels_;
  RowBlockRoom room_;
  int batch_rows_ = 0, place_ = 0;  // of the whole batch, and of the first row in it
  int first_row_ = 0, first_step_ = 0;
  int rows_ = 0, steps_ = 0;
  bool masked_ = false, resets_ = false;
  std::vector<Layer> layers_;
  AlignedBuffer scores_;     // [step]
  AlignedBuffer d_output_;   // of some steps at once
  std::vector<float> keep_;  // [step][row]: 0 where a row is reset before the step
  std::vector<std::uint16_t> inputs_, targets_;  // [step][row]
};

}  // namespace charrnn
