#include "model/torch/cell_tensors.h"

#include <array>

namespace charrnn {
namespace {

// By CellKind.
const std::array<const CellTensors*, kCellKinds> kAll{&kLstmTensors, &kGruTensors, &kTanhTensors};

}  // namespace

const CellTensors& cell_tensors(CellKind kind) { return *kAll.at(static_cast<std::size_t>(kind)); }

}  // namespace charrnn
