#include "model/fused/matrix_directions.h"

#include <algorithm>

namespace charrnn {

MatrixDirections::MatrixDirections(const NetworkShape& shape, const Kernels& kernels, int members)
    : directions_(parameter_count(shape)) {
  int longer = 0, shorter = 0;
  for (const TensorSpec& tensor : parameter_layout(shape)) {
    if (!tensor.is_matrix()) continue;
    const int rows = static_cast<int>(tensor.shape[0]) / tensor.gates;
    const int columns = static_cast<int>(tensor.shape[1]);
    const std::size_t size = tensor.size / static_cast<std::size_t>(tensor.gates);
    for (int gate = 0; gate < tensor.gates; ++gate) {
      blocks_.push_back({tensor.offset + static_cast<std::size_t>(gate) * size, rows, columns});
    }
    longer = std::max({longer, rows, columns});
    shorter = std::max(shorter, std::min(rows, columns));
  }
  std::ranges::stable_sort(blocks_, std::greater{}, [](const Block& block) {
    return static_cast<double>(block.rows) * block.columns * std::min(block.rows, block.columns);
  });
  for (int i = 0; i < members; ++i) scratch_.emplace_back(kernels, longer, shorter);
}

void MatrixDirections::run(int job, int member, const UpdateRun& run) {
  const Block& block = blocks_[job];
  const auto size = static_cast<std::size_t>(block.rows) * static_cast<std::size_t>(block.columns);
  const float* gradient = run.gradient + block.offset;
  float* average = run.slots[0] + block.offset;
  float* direction = directions_.data() + block.offset;
  const float momentum = run.factors[4];
  for (std::size_t i = 0; i < size; ++i) {
    const float g = gradient[i] * run.clip_factor;
    average[i] += (g - average[i]) * (1.0F - momentum);
    direction[i] = g + (average[i] - g) * momentum;
  }
  scratch_[member].run(direction, block.rows, block.columns,
                       orthogonal_scale(block.rows, block.columns));
}

}  // namespace charrnn
