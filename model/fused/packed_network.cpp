#include "model/packed_network.h"

#include <algorithm>
#include <cmath>

namespace charrnn {
namespace {

constexpr int kUnits = 16;          // units whose gates one panel holds
constexpr int kPanel = 4 * kUnits;  // columns of a panel: i, f, g, o of its units

int groups_of(int columns) { return (columns + kUnits - 1) / kUnits; }

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

}  // namespace

RowState zero_row_state(const NetworkShape& shape) {
  return RowState(static_cast<std::size_t>(shape.layers) * 2 * shape.hidden, 0.0F);
}

/// [group][k][gate][unit] for the layers, [group][k][unit] for fc; units beyond H or V are zero.
struct PackedNetwork::Packed {
  struct Layer {
    std::vector<float> input;      ///< layer 0: [V][group][gate][unit] with both biases added
    std::vector<float> recurrent;  ///< W_hh
    std::vector<float> bias;       ///< b_ih + b_hh, [group][gate][unit]
  };
  std::vector<Layer> layers;
  std::vector<float> fc;
  std::vector<float> fc_bias;
};

namespace {

std::size_t gate_index(int group, int inner, int inner_size, int gate, int unit) {
  return ((static_cast<std::size_t>(group) * inner_size + inner) * 4 + gate) * kUnits + unit;
}

/// Packs W [4H, K] into [group][k][gate][unit].
std::vector<float> pack_gates(const float* w, int hidden, int inner) {
  std::vector<float> packed(static_cast<std::size_t>(groups_of(hidden)) * inner * kPanel, 0.0F);
  for (int gate = 0; gate < 4; ++gate) {
    for (int unit = 0; unit < hidden; ++unit) {
      const float* row = w + (static_cast<std::size_t>(gate) * hidden + unit) * inner;
      for (int k = 0; k < inner; ++k) {
        packed[gate_index(unit / kUnits, k, inner, gate, unit % kUnits)] = row[k];
      }
    }
  }
  return packed;
}

std::vector<float> pack_bias(const float* a, const float* b, int hidden) {
  std::vector<float> sum(static_cast<std::size_t>(4) * hidden);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = a[i] + b[i];
  return pack_gates(sum.data(), hidden, 1);
}

/// Packs W [V, H] into [group][k][unit].
std::vector<float> pack_columns(const float* w, int columns, int inner) {
  std::vector<float> packed(static_cast<std::size_t>(groups_of(columns)) * inner * kUnits, 0.0F);
  for (int c = 0; c < columns; ++c) {
    for (int k = 0; k < inner; ++k) {
      packed[(static_cast<std::size_t>(c / kUnits) * inner + k) * kUnits + c % kUnits] =
          w[static_cast<std::size_t>(c) * inner + k];
    }
  }
  return packed;
}

/// sums[Width] += x[K] * panel[K, Width], in the order of k.
template <int Width>
void accumulate(const float* x, const float* panel, int inner, float* sums) {
  for (int k = 0; k < inner; ++k) {
    for (int c = 0; c < Width; ++c) sums[c] += x[k] * panel[k * Width + c];
  }
}

void update_cell(const float* gates, float* cell, float* hidden, int units) {
  for (int u = 0; u < units; ++u) {
    const float i = sigmoid(gates[u]), f = sigmoid(gates[kUnits + u]);
    const float g = std::tanh(gates[2 * kUnits + u]), o = sigmoid(gates[3 * kUnits + u]);
    cell[u] = f * cell[u] + i * g;
    hidden[u] = o * std::tanh(cell[u]);
  }
}

}  // namespace

PackedNetwork::PackedNetwork(const NetworkShape& shape, const Weights& weights) : shape_(shape) {
  auto packed = std::make_unique<Packed>();
  const std::vector<TensorSpec> layout = parameter_layout(shape);
  const auto tensor = [&](std::size_t i) { return weights.data() + layout[i].offset; };
  for (int layer = 0; layer < shape.layers; ++layer) {
    const std::size_t first = static_cast<std::size_t>(layer) * 4;
    const int inner = layer == 0 ? shape.vocabulary : shape.hidden;
    packed->layers.push_back({pack_gates(tensor(first), shape.hidden, inner),
                              pack_gates(tensor(first + 1), shape.hidden, shape.hidden),
                              pack_bias(tensor(first + 2), tensor(first + 3), shape.hidden)});
  }
  const std::size_t fc = static_cast<std::size_t>(shape.layers) * 4;
  packed->fc = pack_columns(tensor(fc), shape.vocabulary, shape.hidden);
  packed->fc_bias.assign(tensor(fc + 1), tensor(fc + 1) + shape.vocabulary);
  packed_ = std::move(packed);
}

PackedNetwork::~PackedNetwork() = default;

const NetworkShape& PackedNetwork::shape() const { return shape_; }

void PackedNetwork::advance(std::span<RowState* const> states, std::span<const Symbol> symbols,
                            std::span<float> scores) const {
  const int hidden = shape_.hidden;
  std::vector<float> before(hidden);
  for (std::size_t row = 0; row < states.size(); ++row) {
    const float* below = nullptr;
    for (int layer = 0; layer < shape_.layers; ++layer) {
      const Packed::Layer& packed = packed_->layers[layer];
      float* h = states[row]->data() + static_cast<std::size_t>(layer) * 2 * hidden;
      std::copy_n(h, hidden, before.data());
      for (int group = 0; group < groups_of(hidden); ++group) {
        float sums[kPanel];
        std::copy_n(packed.bias.data() + static_cast<std::size_t>(group) * kPanel, kPanel, sums);
        if (layer == 0) {
          const int v = symbols[row];
          const float* panel = packed.input.data() + gate_index(group, v, shape_.vocabulary, 0, 0);
          for (int c = 0; c < kPanel; ++c) sums[c] += panel[c];
        } else {
          accumulate<kPanel>(below, packed.input.data() + gate_index(group, 0, hidden, 0, 0),
                             hidden, sums);
        }
        accumulate<kPanel>(before.data(),
                           packed.recurrent.data() + gate_index(group, 0, hidden, 0, 0), hidden,
                           sums);
        const int unit = group * kUnits;
        update_cell(sums, h + hidden + unit, h + unit, std::min(kUnits, hidden - unit));
      }
      below = h;
    }
    for (int group = 0; group < groups_of(shape_.vocabulary); ++group) {
      float sums[kUnits] = {};
      accumulate<kUnits>(below,
                         packed_->fc.data() + static_cast<std::size_t>(group) * hidden * kUnits,
                         hidden, sums);
      for (int v = group * kUnits; v < std::min(shape_.vocabulary, (group + 1) * kUnits); ++v) {
        scores[row * shape_.vocabulary + v] = sums[v - group * kUnits] + packed_->fc_bias[v];
      }
    }
  }
}

}  // namespace charrnn
