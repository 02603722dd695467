#include "model/fused/update_jobs.h"

#include <algorithm>

namespace charrnn {
namespace {

OptimizerKind kind_for_vectors(OptimizerKind kind) {
  return optimizer_rule(kind).orthogonal ? OptimizerKind::kAdam : kind;
}

}  // namespace

UpdateJobs::UpdateJobs(const Geometry& geometry, const Kernels& kernels, OptimizerKind optimizer)
    : geometry_(geometry),
      update_matrix_(kernels.update[static_cast<std::size_t>(optimizer)]),
      update_vector_(kernels.update[static_cast<std::size_t>(kind_for_vectors(optimizer))]),
      tensors_(geometry.shape) {
  const NetworkShape& shape = geometry.shape;
  for (int layer = shape.layers - 1; layer >= 0; --layer) {
    for (int group = 0; group * geometry.width < shape.hidden; ++group) {
      jobs_.push_back({layer, group});
    }
  }
  for (int panel = 0; panel * 2 * geometry.width < shape.vocabulary; ++panel) {
    jobs_.push_back({shape.layers, panel});
  }
}

void UpdateJobs::run(int job, const UpdateRun& run, const float* directions,
                     PackedWeights& packed) const {
  UpdateRun matrices = run;
  if (directions != nullptr) matrices.gradient = directions;
  const auto [layer, index] = jobs_[job];
  const NetworkShape& shape = geometry_.shape;
  if (layer == shape.layers) {
    const int first = index * 2 * geometry_.width;
    const int count = std::min(2 * geometry_.width, shape.vocabulary - first);
    update_rows(tensors_.head_weight, first, count, matrices);
    update_rows(tensors_.head_bias, first, count, run);
    packed.pack_symbols(run.weights, index);
    return;
  }
  const int first = index * geometry_.width;
  const int count = std::min(geometry_.width, shape.hidden - first);
  const auto& [weight_ih, weight_hh, bias_ih, bias_hh] = tensors_.layers[layer];
  for (const TensorSpec* tensor : {&weight_ih, &weight_hh, &bias_ih, &bias_hh}) {
    for (int gate = 0; gate < tensor->gates; ++gate) {
      update_rows(*tensor, gate * shape.hidden + first, count,
                  tensor->is_matrix() ? matrices : run);
    }
  }
  packed.pack_group(run.weights, layer, index);
}

void UpdateJobs::update_rows(const TensorSpec& tensor, int first, int count, UpdateRun run) const {
  const std::size_t columns = tensor.size / static_cast<std::size_t>(tensor.shape[0]);
  const std::size_t offset = tensor.offset + static_cast<std::size_t>(first) * columns;
  run.count = static_cast<std::size_t>(count) * columns;
  run.weights += offset;
  run.gradient += offset;
  for (float*& slot : run.slots) {
    if (slot != nullptr) slot += offset;
  }
  (tensor.is_matrix() ? update_matrix_ : update_vector_)(run);
}

}  // namespace charrnn
