#pragma once

#include <vector>

#include "model/fused/aligned_buffer.h"
#include "model/fused/geometry.h"
#include "model/fused/kernels.h"
#include "model/network_tensors.h"

namespace charrnn {

/// One layer's weights as the kernels read them; padding is zero. Kernels of 2 terms read panels of
/// pairs of k, half as many 32-bit numbers; `input_rows` and `bias` are floats for all of them.
struct PackedLayer {
  AlignedBuffer input_rows;            ///< layer 0: [V][group][G][W], both biases added
  AlignedBuffer input;                 ///< other layers, W_ih: [panel of gates][k][2 W]
  AlignedBuffer input_transposed;      ///< [panel of units][k in gate tile order][2 W]
  AlignedBuffer recurrent;             ///< W_hh, as `input`
  AlignedBuffer recurrent_transposed;  ///< as `input_transposed`
  AlignedBuffer bias;                  ///< other layers: [group][G][W], both biases added
};

/// A network's weights packed for the kernels: once in an optimiser step, used over a whole window.
/// Groups and panels are packed one by one, so that threads share the work.
class PackedWeights {
 public:
  /// `kernels`: those that will read the weights. `transposed`: also what the backward pass reads.
  /// Nothing is packed yet.
  PackedWeights(const Geometry& geometry, const Kernels& kernels, bool transposed);

  /// Packs one group of units of one layer.
  void pack_group(const float* weights, int layer, int group);

  /// Packs fc's symbols of one panel (a pair of groups).
  void pack_symbols(const float* weights, int panel);

  /// Packs everything on the calling thread.
  void pack(const float* weights);

  const PackedLayer& layer(int i) const { return layers_[i]; }
  const AlignedBuffer& scores() const { return scores_; }  ///< fc: [panel][k][2 W]
  const AlignedBuffer& scores_transposed() const { return scores_transposed_; }
  const AlignedBuffer& score_bias() const { return score_bias_; }  ///< padding: -1e30

 private:
  /// Which gate of a tile a matrix holds: its input gate or its recurrent one.
  using Side = int CellTile::*;

  void pack_gate_panels(const float* w, Side side, int group, float* out) const;
  void pack_gate_rows(const float* w, Side side, int group, float* out) const;
  void pack_input_rows(const float* weights, int group);
  void pack_scores_transposed(const float* weights, int panel);
  const float* multiplicands_of(const float* rows, int count, std::vector<float>& rounded) const;
  int multiplicands() const;  // along a row of H weights
  void pack_row(const float* row, bool has_next, float* panels, std::ptrdiff_t panel_size) const;
  void pack_bias(const float* weights, int layer, int group);
  float bias_of(const float* weights, int layer, int tile, int unit) const;

  Geometry geometry_;
  RoundingKernels rounding_;
  int terms_;
  bool transposed_;
  const Cell& cell_;
  NetworkTensors tensors_;
  std::vector<PackedLayer> layers_;
  AlignedBuffer scores_, scores_transposed_, score_bias_;
};

}  // namespace charrnn
