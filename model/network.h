#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/cell.h"
#include "model/optimizer.h"

namespace charrnn {

/// The size of a character network: V one-hot characters -> L layers of H units -> V logits.
struct NetworkShape {
  int vocabulary = 0;               ///< V
  int hidden = 512;                 ///< H
  int layers = 2;                   ///< L
  CellKind cell = CellKind::kLstm;  ///< of every layer

  bool operator==(const NetworkShape&) const = default;
};

/// What a tensor does in the network, whatever its name is.
enum class TensorRole {
  kInput,      ///< matrix from a layer's input to its gates
  kRecurrent,  ///< matrix from a layer's own state to its gates
  kBias,       ///< of a layer's gates
  kHead,       ///< matrix from the last layer to the logits
  kHeadBias,   ///< of the logits
};

/// One named tensor inside a flat buffer of floats.
struct TensorSpec {
  std::string name;                 ///< PyTorch's: lstm.weight_ih_l0, ..., fc.weight, fc.bias
  std::vector<std::int64_t> shape;  ///< PyTorch's, row-major; gates in the cell's order
  std::size_t offset = 0;           ///< first element in the flat buffer
  std::size_t size = 0;             ///< elements
  TensorRole role = TensorRole::kBias;
  int gates = 1;                       ///< equal blocks of rows, one for each gate; 1 in the head
  std::optional<int> vocabulary_axis;  ///< the axis of `shape` that counts characters, if any

  bool is_matrix() const { return shape.size() == 2; }
};

/// All parameters of a network, or one value for each of them (a gradient, a moment), in the order
/// of parameter_layout().
using Weights = std::vector<float>;

/// The tensors of a network in PyTorch's order, packed without gaps: for each layer
/// weight_ih [G H, V or H], weight_hh [G H, H], bias_ih [G H], bias_hh [G H], with G gates of the
/// cell; then fc.weight [V, H], fc.bias [V].
std::vector<TensorSpec> parameter_layout(const NetworkShape& shape);

/// Elements of a Weights buffer of this shape.
std::size_t parameter_count(const NetworkShape& shape);

/// True when none of the values is NaN or infinite.
bool all_finite(std::span<const float> values);

/// PyTorch's initialisation, U(-1/sqrt(H), 1/sqrt(H)) for every tensor, drawn from counters of
/// (seed, element): the same for any machine and order. `forget_bias` is added to bias_ih of the
/// forget gates, which LSTMs alone have.
Weights initial_weights(const NetworkShape& shape, std::uint64_t seed, double forget_bias = 0.0);

/// A buffer of the optimiser with one value for every parameter.
struct OptimizerSlot {
  std::string name;  ///< one of slot_names()
  Weights values;

  bool operator==(const OptimizerSlot&) const = default;
};

/// What the layers carry from one window to the next: one state of the cell.
struct CarriedTensor {
  std::string name;           ///< as the cell names the state
  std::vector<float> values;  ///< [L, B, H]

  bool operator==(const CarriedTensor&) const = default;
};

/// Zeroed carried tensors for `rows` rows, one for each state of the network's cell.
std::vector<CarriedTensor> zero_carried(const NetworkShape& shape, int rows);

/// Everything that a training run needs to go on bit for bit, on the host.
struct TrainState {
  NetworkShape network;
  int rows = 0;             ///< B
  std::uint64_t steps = 0;  ///< optimiser steps taken
  Weights weights;
  OptimizerOptions optimizer;
  std::vector<OptimizerSlot> slots;    ///< as slot_names() has them
  std::vector<CarriedTensor> carried;  ///< one for each state of the cell, in its order
  std::string digest;  ///< of all batches so far, hex; of the hash backend alone, else empty
};

/// The weights that are validated, served and saved as the model: their average if there is one,
/// else the weights themselves. A part of `state`.
const Weights& model_weights(const TrainState& state);

/// The state of a run that has not trained yet: given weights, zero slots, zero carried state. The
/// average begins with the weights.
TrainState fresh_state(const NetworkShape& shape, int rows, Weights weights,
                       const OptimizerOptions& optimizer = {});

/// The slots of this optimiser for `parameters` parameters, zero, the average too.
std::vector<OptimizerSlot> zero_slots(const OptimizerOptions& optimizer, std::size_t parameters);

}  // namespace charrnn
