#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/fused/aligned_buffer.h"
#include "model/fused/geometry.h"
#include "model/fused/int8_weights.h"
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

  /// What has to be done once before the layers.
  void prepare(const PackedWeights& weights);
  void prepare(const Int8Weights& weights);

  /// Computes groups [first, last) of one layer.
  void run_layer(const PackedWeights& weights, int layer, int first, int last);
  void run_layer(const Int8Weights& weights, int layer, int first, int last);

  /// Computes all scores.
  void run_scores(const PackedWeights& weights);
  void run_scores(const Int8Weights& weights);

  /// Copies the new states out.
  void save_states(std::span<RowState* const> states) const;

  /// Copies the scores, [rows, V], out.
  void save_scores(std::span<float> scores) const;

 private:
  /// What products read of a layer's first state before and after the character.
  const float* multiplied_before(int layer) const;
  const float* multiplied(int layer) const;
  bool reads_pairs() const { return kernels_.terms > 1; }

  /// One state of a layer, in unit tiles.
  struct State {
    AlignedBuffer before, after;  // the character
  };
  using Layer = std::vector<State>;  // [state of the cell]

  const AlignedBuffer& hidden_before(int layer) const { return layers_[layer].front().before; }
  const AlignedBuffer& hidden(int layer) const { return layers_[layer].front().after; }
  const CellKernels& cell() const { return kernels_.cell(geometry_.shape.cell); }

  /// The step of one layer's groups [first, last), without weights.
  ForwardStep step_of(int layer, int first, int last);
  void find_inputs(const AlignedBuffer& rows);

  Geometry geometry_;
  const Kernels& kernels_;
  int rows_ = 0;
  std::uint16_t symbols_[kMaxBlockRows] = {};
  const float* inputs_[kMaxBlockRows] = {};  // layer 0's input rows
  std::vector<Layer> layers_;
  std::vector<State> pairs_;  // [layer]: the first state as pair tiles, for kernels of 2 terms
  AlignedBuffer gates_, scores_;
  /// Bytes of `units` rounded ones.
  std::ptrdiff_t rounded_size(std::ptrdiff_t units) const;

  // For 8-bit weights, rounded: what each layer reads, [its input | its hidden state], and fc.
  std::vector<std::vector<std::byte>> rounded_;
};

}  // namespace charrnn
