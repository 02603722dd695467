#pragma once

namespace charrnn {

/// The recurrent cell of every layer of a network; see model/cell.h.
enum class CellKind { kLstm };

constexpr int kCellKinds = 1;

}  // namespace charrnn
