#pragma once

#include <array>
#include <span>
#include <string_view>

#include "base/named_enum.h"
#include "model/cell_kind.h"

namespace charrnn {

/// The most gates that a cell may have.
constexpr int kMostGates = 4;

/// The names of PyTorch's modules, which the names of the tensors begin with, too.
template <>
inline constexpr std::array<std::string_view, kCellKinds> kWords<CellKind>{"lstm", "gru", "rnn"};

/// One of the sums that a cell computes for each unit and time step. Usually that is a gate: its
/// row of weight_ih times the input, plus its row of weight_hh times the hidden state, plus both
/// biases. A gate whose two products must stay apart (the new gate of PyTorch's GRU) takes two
/// tiles, of which each names one side only.
struct CellTile {
  static constexpr int kNone = -1;
  int input_gate = kNone;      ///< whose rows of weight_ih and bias_ih are added
  int recurrent_gate = kNone;  ///< whose rows of weight_hh and bias_hh are added
};

/// What the rest of the program has to know of a kind of cell: sizes, names and which sums it
/// wants. Its formulas are in model/fused/cells/ and, for libtorch, in model/torch/cells/.
struct Cell {
  std::string_view name;                     ///< of the module in PyTorch: prefix of the tensors
  std::span<const std::string_view> gates;   ///< in the order of the rows of weight_ih, H each
  std::span<const CellTile> tiles;           ///< in the order in which the kernels keep them
  std::span<const std::string_view> states;  ///< carried; the first is the layer's output

  constexpr int gate_count() const { return static_cast<int>(gates.size()); }
  constexpr int tile_count() const { return static_cast<int>(tiles.size()); }
  constexpr int state_count() const { return static_cast<int>(states.size()); }
};

namespace cells {

inline constexpr std::string_view kLstmGates[] = {"input", "forget", "cell", "output"};
inline constexpr CellTile kLstmTiles[] = {{0, 0}, {1, 1}, {2, 2}, {3, 3}};
inline constexpr std::string_view kLstmStates[] = {"hidden", "cell"};

inline constexpr std::string_view kGruGates[] = {"reset", "update", "new"};
inline constexpr CellTile kGruTiles[] = {
    {0, 0}, {1, 1}, {2, CellTile::kNone}, {CellTile::kNone, 2}};

inline constexpr std::string_view kTanhGates[] = {"new"};
inline constexpr CellTile kTanhTiles[] = {{0, 0}};

inline constexpr std::string_view kHiddenAlone[] = {"hidden"};

/// By CellKind.
inline constexpr Cell kAll[] = {
    {.name = word_of(CellKind::kLstm),
     .gates = kLstmGates,
     .tiles = kLstmTiles,
     .states = kLstmStates},
    {.name = word_of(CellKind::kGru),
     .gates = kGruGates,
     .tiles = kGruTiles,
     .states = kHiddenAlone},
    {.name = word_of(CellKind::kTanh),
     .gates = kTanhGates,
     .tiles = kTanhTiles,
     .states = kHiddenAlone},
};

}  // namespace cells

/// The description of a kind of cell.
constexpr const Cell& describe(CellKind kind) { return cells::kAll[static_cast<int>(kind)]; }

}  // namespace charrnn
