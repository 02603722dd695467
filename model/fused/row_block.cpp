#include "model/fused/row_block.h"

#include <algorithm>

#include "base/trace.h"
#include "model/fused/mask_source.h"

namespace charrnn {
namespace {

/// Rows x time steps that products over time take at once: enough to use each panel of weights
/// often, few enough to stay in the L2 cache.
constexpr int kTermsAtOnce = 64;

}  // namespace

RowBlock::RowBlock(const Geometry& geometry, const Kernels& kernels, const RowBlockRoom& room)
    : geometry_(geometry), kernels_(kernels), room_(room), layers_(geometry.shape.layers) {
  const std::ptrdiff_t unit_step = geometry.most_unit_step(room.rows);
  for (Layer& layer : layers_) {
    layer.gates = AlignedBuffer(4 * unit_step * room.steps);
    layer.hidden = AlignedBuffer(unit_step * (room.steps + 1));
    layer.cell = AlignedBuffer(unit_step * (room.steps + 1));
    layer.mask.resize(room.steps);
  }
  scores_ = AlignedBuffer(geometry.score_step(room.rows) * room.steps);
  if (!room.training) return;
  d_output_ = AlignedBuffer(geometry.most_unit_step(kTermsAtOnce + room.rows));
  d_cell_ = AlignedBuffer(unit_step * geometry.shape.layers);
}

int RowBlock::steps_at_once() const { return std::max(1, kTermsAtOnce / rows_); }

void RowBlock::assign(const Batch& batch, int first_row, int rows, int first_step, int steps,
                      const DropoutKey& mask) {
  batch_rows_ = batch.rows;
  first_row_ = first_row;
  first_step_ = first_step;
  rows_ = rows;
  steps_ = steps;
  inputs_.resize(static_cast<std::size_t>(steps) * rows);
  targets_.resize(inputs_.size());
  for (int t = 0; t < steps; ++t) {
    for (int row = 0; row < rows; ++row) {
      const std::size_t from =
          static_cast<std::size_t>(first_row + row) * batch.length + first_step + t;
      inputs_[t * rows + row] = batch.inputs[from];
      targets_[t * rows + row] = batch.targets[from];
    }
  }
  note_resets(batch);
  draw_masks(batch, mask);
}

void RowBlock::note_resets(const Batch& batch) {
  resets_ = !batch.resets.empty();
  if (!resets_) return;
  keep_.resize(inputs_.size());
  for (int t = 0; t < steps_; ++t) {
    for (int row = 0; row < rows_; ++row) {
      const std::size_t from =
          static_cast<std::size_t>(first_row_ + row) * batch.length + first_step_ + t;
      keep_[t * rows_ + row] = batch.resets[from] != 0 ? 0.0F : 1.0F;
    }
  }
  for (Layer& layer : layers_) {
    if (layer.hidden_before.size() > 0) continue;
    layer.hidden_before = AlignedBuffer(geometry_.most_unit_step(room_.rows) * room_.steps);
    layer.cell_before = AlignedBuffer(geometry_.most_unit_step(room_.rows) * room_.steps);
  }
}

void RowBlock::draw_masks(const Batch& batch, const DropoutKey& mask) {
  masked_ = mask.probability > 0.0F;
  if (!masked_) return;
  const TraceSpan span("dropout masks");
  const std::uint64_t hidden = geometry_.shape.hidden, count = rows_ * hidden;
  for (int i = 0; i < geometry_.shape.layers; ++i) {
    Layer& layer = layers_[i];
    if (layer.masked.size() == 0) {
      layer.masked = AlignedBuffer(geometry_.most_unit_step(room_.rows) * room_.steps);
    }
    layer.mask_bytes.resize(mask_bytes(count) * steps_);
    DropoutKey key = mask;
    key.layer = i;
    for (int t = 0; t < steps_; ++t) {
      const std::uint64_t first =
          (static_cast<std::uint64_t>(first_step_ + t) * batch.rows + first_row_) * hidden;
      layer.mask[t] =
          draw_mask(kernels_, key, first, count, layer.mask_bytes.data() + t * mask_bytes(count));
    }
  }
}

void RowBlock::load_state(const float* hidden, const float* cell) {
  const int width = geometry_.width, size = geometry_.shape.hidden;
  for (int i = 0; i < geometry_.shape.layers; ++i) {
    for (int row = 0; row < rows_; ++row) {
      const std::ptrdiff_t from =
          (static_cast<std::ptrdiff_t>(i) * batch_rows_ + first_row_ + row) * size;
      for (int unit = 0; unit < size; unit += width) {
        const std::ptrdiff_t to = static_cast<std::ptrdiff_t>(unit) * rows_ + row * width;
        const int count = std::min(width, size - unit);
        std::copy_n(hidden + from + unit, count, layers_[i].hidden.data() + to);
        std::copy_n(cell + from + unit, count, layers_[i].cell.data() + to);
        std::fill_n(layers_[i].hidden.data() + to + count, width - count, 0.0F);
        std::fill_n(layers_[i].cell.data() + to + count, width - count, 0.0F);
      }
    }
    // Groups that are padding only: another number of rows may have used their place.
    const std::ptrdiff_t used = static_cast<std::ptrdiff_t>((size + width - 1) / width) * width;
    const std::ptrdiff_t padding = (geometry_.units() - used) * rows_;
    std::fill_n(layers_[i].hidden.data() + used * rows_, padding, 0.0F);
    std::fill_n(layers_[i].cell.data() + used * rows_, padding, 0.0F);
  }
}

void RowBlock::save_state(float* hidden, float* cell) const {
  const int width = geometry_.width, size = geometry_.shape.hidden;
  const std::ptrdiff_t last = geometry_.unit_step(rows_) * steps_;
  for (int i = 0; i < geometry_.shape.layers; ++i) {
    for (int row = 0; row < rows_; ++row) {
      const std::ptrdiff_t to =
          (static_cast<std::ptrdiff_t>(i) * batch_rows_ + first_row_ + row) * size;
      for (int unit = 0; unit < size; unit += width) {
        const std::ptrdiff_t from = last + static_cast<std::ptrdiff_t>(unit) * rows_ + row * width;
        const int count = std::min(width, size - unit);
        std::copy_n(layers_[i].hidden.data() + from, count, hidden + to + unit);
        std::copy_n(layers_[i].cell.data() + from, count, cell + to + unit);
      }
    }
  }
}

const float* RowBlock::hidden_before(int layer, int step) const {
  const Layer& l = layers_[layer];
  return (resets_ ? l.hidden_before : l.hidden).data() + step * geometry_.unit_step(rows_);
}

const float* RowBlock::cell_before(int layer, int step) const {
  const Layer& l = layers_[layer];
  return (resets_ ? l.cell_before : l.cell).data() + step * geometry_.unit_step(rows_);
}

const float* RowBlock::output(int layer, int step) const {
  const Layer& l = layers_[layer];
  return masked_ ? l.masked.data() + step * geometry_.unit_step(rows_)
                 : l.hidden.data() + (step + 1) * geometry_.unit_step(rows_);
}

const float* RowBlock::gates(int layer, int step) const {
  return layers_[layer].gates.data() + step * geometry_.gate_step(rows_);
}

const float* RowBlock::scores(int step) const {
  return scores_.data() + step * geometry_.score_step(rows_);
}

}  // namespace charrnn
