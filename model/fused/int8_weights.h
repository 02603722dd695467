#pragma once

#include <cstdint>
#include <vector>

#include "model/fused/aligned_buffer.h"
#include "model/fused/geometry.h"
#include "model/network_tensors.h"

namespace charrnn {

/// A matrix in 8 bits as Kernels::int8_product reads it: each column of a panel has its own scale,
/// its largest weight / 127.
struct Int8Panels {
  AlignedBuffer bytes;              ///< [panel][k / terms][2 W][terms of k], four weights a float
  std::vector<std::int32_t> start;  ///< [panel][2 W], what undoes kUnsignedActivationZero
  AlignedBuffer scale;              ///< [panel][2 W], of one step of a weight and of an activation
  AlignedBuffer bias;               ///< [panel][2 W]

  const std::int8_t* weights() const { return reinterpret_cast<const std::int8_t*>(bytes.data()); }
  std::int8_t* weights() { return reinterpret_cast<std::int8_t*>(bytes.data()); }
};

/// A network's weights in 8 bits for generating text: a quarter of the bytes. Layer 0's input rows,
/// of which a character reads one, and all biases stay in 32 bits.
class Int8Weights {
 public:
  /// `terms`: of the kernels that will read them, see Kernels::int8_terms.
  Int8Weights(const Geometry& geometry, const Weights& weights, int terms);

  /// Gates of one layer from [its input | its hidden state]; of layer 0 from the hidden state
  /// alone.
  const Int8Panels& layer(int i) const { return layers_[i]; }

  /// fc.
  const Int8Panels& scores() const { return scores_; }

  /// Layer 0: [V][group][G][W], both biases added.
  const AlignedBuffer& input_rows() const { return input_rows_; }

 private:
  /// One column: up to two rows of PyTorch's matrices, each padded to a layer's units; null: zeros.
  struct Column {
    const float* rows[2];
    int parts;
  };

  Int8Panels room_for(std::ptrdiff_t columns, int parts) const;
  void pack_layer(const Weights& weights, int layer);
  void pack_gate(const Weights& weights, int layer, int tile, int unit);
  /// A column with a weight that is not finite gets NaN as its scale.
  void pack_column(const Column& column, std::ptrdiff_t index, Int8Panels& panels) const;

  Geometry geometry_;
  int terms_;
  NetworkTensors tensors_;
  std::vector<Int8Panels> layers_;
  Int8Panels scores_;
  AlignedBuffer input_rows_;
};

}  // namespace charrnn
