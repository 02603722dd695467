#pragma once

#include <cstdint>
#include <span>

#include "model/fused/aligned_buffer.h"
#include "model/fused/geometry.h"
#include "model/fused/kernels.h"
#include "model/fused/packed_weights.h"
#include "model/packed_network.h"

namespace charrnn {

/// Up to kMaxBlockRows streams on their way through one character. Each layer's groups and fc's
/// panels may be shared by threads: parts write to different places and read only what the layer
/// below has finished.
class StreamBlock {
 public:
  StreamBlock(const Geometry& geometry, const Kernels& kernels);

  /// Copies the streams' states in; each stream r reads `symbols[r]`.
  void load(std::span<RowState* const> states, std::span<const Symbol> symbols);

  /// Computes groups [first, last) of one layer.
  void run_layer(const PackedWeights& weights, int layer, int first, int last);

  /// Computes panels [first, last) of the scores.
  void run_scores(const PackedWeights& weights, int first, int last);

  /// Copies the new states and the scores, [rows, V], out.
  void save(std::span<RowState* const> states, std::span<float> scores) const;

 private:
  /// One layer's tiles: the state before and after the character.
  struct Layer {
    AlignedBuffer hidden_before, cell_before, hidden, cell;
  };

  Geometry geometry_;
  const Kernels& kernels_;
  int rows_ = 0;
  std::uint16_t symbols_[kMaxBlockRows] = {};
  std::vector<Layer> layers_;
  AlignedBuffer gates_, scores_;
};

}  // namespace charrnn
