#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/named_enum.h"
#include "corpus/symbol.h"
#include "model/network.h"

namespace charrnn {

/// The carried state of one stream: the S states of the cell in every layer, [L, S, H]; zero to
/// begin with.
using RowState = std::vector<float>;

/// A zero state for one stream of this network.
RowState zero_row_state(const NetworkShape& shape);

struct Kernels;

/// How a PackedNetwork holds its weights.
enum class WeightFormat {
  kFloat32,
  kBf16,  ///< half of the bytes; hidden states are rounded alike where weights multiply them
  kInt8,  ///< a quarter of the bytes; costs a little accuracy
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<WeightFormat>{"fp32", "bf16", "int8"};

/// How a PackedNetwork computes. No result depends on the threads.
struct PackedNetworkOptions {
  int threads = 1;  ///< the most that one advance() may use
  WeightFormat weights = WeightFormat::kFloat32;
  const Kernels* kernels = nullptr;  ///< null: the fastest of the format on this processor
};

/// What follows when rows [first, first + count) have been advanced.
using RowsDone = std::function<void(std::size_t first, std::size_t count)>;

/// Weights packed for generating text. Immutable: any number of threads may advance() and read()
/// with it.
class PackedNetwork {
 public:
  /// Throws Error(kConfig) when the weights are to be kBf16 and the processor lacks that.
  PackedNetwork(const NetworkShape& shape, const Weights& weights,
                const PackedNetworkOptions& options = {});
  ~PackedNetwork();

  const NetworkShape& shape() const;

  /// Advances `states.size()` rows by one character each: row r reads `symbols[r]`, its state is
  /// updated in place, its scores go to `scores[r * V .. r * V + V)`. A row's result does not
  /// depend on its neighbours nor on their number, bit for bit: every row count uses one order over
  /// K.
  /// `threads`: at most so many share the work, few rows by columns, many by rows; 0: all.
  /// `done`: called when rows [first, first + count) are ready, each row once, by whichever thread
  /// made them, several at a time; what it throws leaves advance().
  void advance(std::span<RowState* const> states, std::span<const Symbol> symbols,
               std::span<float> scores, int threads = 0, const RowsDone& done = {}) const;

  /// Reads `symbols` one after another into one row's state, as advance() would, bit for bit, but
  /// without scores, and sooner than one by one. `threads` as above.
  void read(RowState& state, std::span<const Symbol> symbols, int threads = 0) const;

 private:
  struct Packed;
  NetworkShape shape_;
  std::unique_ptr<Packed> packed_;
};

}  // namespace charrnn
