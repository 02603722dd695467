#pragma once

#include <memory>
#include <span>
#include <vector>

#include "corpus/symbol.h"
#include "model/network.h"

namespace charrnn {

/// The carried state of one stream: hidden and cell of every layer, [L, 2, H]; zero to begin with.
using RowState = std::vector<float>;

/// A zero state for one stream of this network.
RowState zero_row_state(const NetworkShape& shape);

/// Weights packed for generating text. Immutable: any number of threads may advance() with it.
class PackedNetwork {
 public:
  PackedNetwork(const NetworkShape& shape, const Weights& weights);
  ~PackedNetwork();

  const NetworkShape& shape() const;

  /// Advances `states.size()` rows by one character each: row r reads `symbols[r]`, its state is
  /// updated in place, its scores go to `scores[r * V .. r * V + V)`. A row's result does not depend
  /// on its neighbours nor on their number, bit for bit: every row count uses one order over K.
  void advance(std::span<RowState* const> states, std::span<const Symbol> symbols,
               std::span<float> scores) const;

 private:
  struct Packed;
  NetworkShape shape_;
  std::unique_ptr<const Packed> packed_;
};

}  // namespace charrnn
