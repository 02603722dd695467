#pragma once

#include <span>
#include <vector>

#include "corpus/symbol.h"
#include "model/fused/aligned_buffer.h"
#include "model/fused/geometry.h"
#include "model/fused/kernels.h"
#include "model/fused/packed_weights.h"
#include "model/fused/team.h"
#include "model/packed_network.h"

namespace charrnn {

/// Up to kMaxBlockRows characters of one stream, known beforehand, on their way through the layers
/// one layer at a time: what a layer reads from below is one product over all of them, so that its
/// weights are fetched once and not for each character. Gives no scores, and the same bits as
/// reading the characters one by one: every product keeps its order over K.
class PromptWindow {
 public:
  PromptWindow(const Geometry& geometry, const Kernels& kernels);

  /// Reads 1 to kMaxBlockRows symbols into `state`, each layer's columns cut into `parts` that the
  /// team's threads take.
  void read(const PackedWeights& weights, std::span<const Symbol> symbols, RowState& state,
            Team& team, int parts);

 private:
  void find_inputs(const PackedLayer& packed, std::span<const Symbol> symbols);
  void gather_below();
  void run_inputs(const PackedLayer& packed, int first, int last);
  void run_step(const PackedLayer& packed, int step, int first, int last);

  Geometry geometry_;
  const Kernels& kernels_;
  int steps_ = 0;
  const float* inputs_[kMaxBlockRows] = {};  // [step]: the layer's share from below
  std::vector<AlignedBuffer> states_;  // [state][1 + step][units]: before the first, after each
  AlignedBuffer pairs_;                // the first state again, for kernels of 2 terms
  AlignedBuffer below_;                // unit tiles with a row for each step
  AlignedBuffer tiles_;                // gate tiles of the same: the product of below_
  AlignedBuffer shares_;               // [step][group][G][W]: the same by steps
  AlignedBuffer gates_;                // one step's
};

}  // namespace charrnn
