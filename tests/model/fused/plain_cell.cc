#include "tests/model/fused/plain_cell.h"

#include <cmath>

namespace charrnn {
namespace {

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

double both(const PlainSums& sums, int gate) { return sums.input[gate] + sums.recurrent[gate]; }

void set_both(PlainSums& sums, int gate, double value) {
  sums.input[gate] = sums.recurrent[gate] = value;
}

struct LstmGates {
  explicit LstmGates(const PlainSums& sums)
      : i(sigmoid(both(sums, 0))),
        f(sigmoid(both(sums, 1))),
        g(std::tanh(both(sums, 2))),
        o(sigmoid(both(sums, 3))) {}
  double i, f, g, o;
};

PlainStates lstm(const PlainSums& sums, const PlainStates& before) {
  const LstmGates gates(sums);
  const double c = gates.f * before[1] + gates.i * gates.g;
  return {gates.o * std::tanh(c), c};
}

PlainCellGradient lstm_gradient(const PlainSums& sums, const PlainStates& before,
                                const PlainStates& d_after) {
  const LstmGates gates(sums);
  const auto [i, f, g, o] = gates;
  const double tanh_c = std::tanh(f * before[1] + i * g);
  const double dc = d_after[1] + d_after[0] * o * (1 - tanh_c * tanh_c);
  PlainCellGradient gradient;
  set_both(gradient.sums, 0, dc * g * i * (1 - i));
  set_both(gradient.sums, 1, dc * before[1] * f * (1 - f));
  set_both(gradient.sums, 2, dc * i * (1 - g * g));
  set_both(gradient.sums, 3, d_after[0] * tanh_c * o * (1 - o));
  gradient.before[1] = dc * f;
  return gradient;
}

struct GruGates {
  explicit GruGates(const PlainSums& sums)
      : r(sigmoid(both(sums, 0))),
        z(sigmoid(both(sums, 1))),
        n(std::tanh(sums.input[2] + r * sums.recurrent[2])) {}
  double r, z, n;
};

PlainStates gru(const PlainSums& sums, const PlainStates& before) {
  const auto [r, z, n] = GruGates(sums);
  return {(1 - z) * n + z * before[0], 0.0};
}

PlainCellGradient gru_gradient(const PlainSums& sums, const PlainStates& before,
                               const PlainStates& d_after) {
  const auto [r, z, n] = GruGates(sums);
  const double d = d_after[0], d_new = d * (1 - z) * (1 - n * n);
  PlainCellGradient gradient;
  set_both(gradient.sums, 0, d_new * sums.recurrent[2] * r * (1 - r));
  set_both(gradient.sums, 1, d * (before[0] - n) * z * (1 - z));
  gradient.sums.input[2] = d_new;
  gradient.sums.recurrent[2] = d_new * r;
  gradient.before[0] = d * z;
  return gradient;
}

PlainStates tanh_cell(const PlainSums& sums) { return {std::tanh(both(sums, 0)), 0.0}; }

PlainCellGradient tanh_gradient(const PlainSums& sums, const PlainStates& d_after) {
  const double h = std::tanh(both(sums, 0));
  PlainCellGradient gradient;
  set_both(gradient.sums, 0, d_after[0] * (1 - h * h));
  return gradient;
}

}  // namespace

PlainStates plain_cell(CellKind kind, const PlainSums& sums, const PlainStates& before) {
  switch (kind) {
    case CellKind::kLstm:
      return lstm(sums, before);
    case CellKind::kGru:
      return gru(sums, before);
    case CellKind::kTanh:
      return tanh_cell(sums);
  }
  return {};
}

PlainCellGradient plain_cell_gradient(CellKind kind, const PlainSums& sums,
                                      const PlainStates& before, const PlainStates& d_after) {
  switch (kind) {
    case CellKind::kLstm:
      return lstm_gradient(sums, before, d_after);
    case CellKind::kGru:
      return gru_gradient(sums, before, d_after);
    case CellKind::kTanh:
      return tanh_gradient(sums, d_after);
  }
  return {};
}

}  // namespace charrnn
