#include "model/fused/update_jobs.h"

#include <algorithm>
#include <array>

namespace charrnn {
namespace {

OptimizerKind kind_for_vectors(OptimizerKind kind) {
  return optimizer_rule(kind).orthogonal ? OptimizerKind::kAdam : kind;
}

UpdateRun part_of(UpdateRun run, std::size_t first, std::size_t count) {
  run.count = std::min(count, run.count - first);
  run.weights += first;
  run.gradient += first;
  for (float*& slot : run.slots) {
    if (slot != nullptr) slot += first;
  }
  return run;
}

// The share is of the weights before the update.
void update_and_decay(void (*update)(const UpdateRun&), const UpdateRun& whole) {
  std::array<float, 1024> before;
  for (std::size_t first = 0; first < whole.count; first += before.size()) {
    const UpdateRun run = part_of(whole, first, before.size());
    std::copy_n(run.weights, run.count, before.begin());
    update(run);
    for (std::size_t i = 0; i < run.count; ++i) {
      const float moved = before[i] - run.weights[i];
      const bool decays = !run.cautious_decay || moved * before[i] > 0.0F;
      run.weights[i] -= decays ? run.decay * before[i] : 0.0F;
    }
  }
}

void add_to_average(const UpdateRun& run, float* average) {
  for (std::size_t i = 0; i < run.count; ++i) {
    average[i] += (run.weights[i] - average[i]) * run.average_share;
  }
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
  if (!tensor.is_matrix()) {
    update_vector_(run);
  } else if (run.decay > 0.0F) {
    update_and_decay(update_matrix_, run);
  } else {
    update_matrix_(run);
  }
  if (run.average != nullptr) add_to_average(run, run.average + offset);
}

}  // namespace charrnn
