#pragma once

namespace charrnn {

/// The recurrent cell of every layer of a network; see model/cell.h.
enum class CellKind { kLstm, kGru, kTanh };

constexpr int kCellKinds = 3;

}  // namespace charrnn
