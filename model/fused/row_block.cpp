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
    layer.gates = AlignedBuffer(geometry.tiles * unit_step * room.steps);
    layer.mask.resize(room.steps);
    if (reads_pairs()) layer.pairs = AlignedBuffer(unit_step * (room.steps + 1));
    for (int i = 0; i < kernels.cell(geometry.shape.cell).states; ++i) {
      layer.states.emplace_back(unit_step * (room.steps + 1));
      if (room.training) layer.direct.emplace_back(unit_step);
    }
  }
  scores_ = AlignedBuffer(geometry.score_step(room.rows) * room.steps);
  if (!room.training) return;
  d_output_ = AlignedBuffer(geometry.most_unit_step(kTermsAtOnce + room.rows));
}

int RowBlock::steps_at_once() const { return std::max(1, kTermsAtOnce / rows_); }

void RowBlock::assign(const Batch& batch, int first_row, int rows, int first_step, int steps,
                      const DropoutKey& mask) {
  batch_rows_ = batch.whole();
  place_ = batch.first_row + first_row;
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
  draw_masks(mask);
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
    while (layer.states_before.size() < layer.states.size()) {
      layer.states_before.emplace_back(geometry_.most_unit_step(room_.rows) * room_.steps);
    }
    if (reads_pairs() && layer.pairs_before.size() == 0) {
      layer.pairs_before = AlignedBuffer(geometry_.most_unit_step(room_.rows) * room_.steps);
    }
  }
}

void RowBlock::draw_masks(const DropoutKey& mask) {
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
          (static_cast<std::uint64_t>(first_step_ + t) * batch_rows_ + place_) * hidden;
      layer.mask[t] =
          draw_mask(kernels_, key, first, count, layer.mask_bytes.data() + t * mask_bytes(count));
    }
  }
}

void RowBlock::load_state(const std::vector<CarriedTensor>& carried) {
  const int width = geometry_.width, size = geometry_.shape.hidden;
  // Groups that are padding only: another number of rows may have used their place.
  const std::ptrdiff_t used = static_cast<std::ptrdiff_t>((size + width - 1) / width) * width;
  const std::ptrdiff_t padding = (geometry_.units() - used) * rows_;
  for (int layer = 0; layer < geometry_.shape.layers; ++layer) {
    for (std::size_t i = 0; i < carried.size(); ++i) {
      float* tiles = layers_[layer].states[i].data();
      for (int row = 0; row < rows_; ++row) {
        const float* values = carried[i].values.data() + carried_place(layer, row);
        for (int unit = 0; unit < size; unit += width) {
          float* to = tiles + static_cast<std::ptrdiff_t>(unit) * rows_ + row * width;
          const int count = std::min(width, size - unit);
          std::copy_n(values + unit, count, to);
          std::fill_n(to + count, width - count, 0.0F);
        }
      }
      std::fill_n(tiles + used * rows_, padding, 0.0F);
    }
    if (!reads_pairs()) continue;
    Layer& l = layers_[layer];
    kernels_.rounding.tiles(l.states.front().data(), rows_, geometry_.groups, l.pairs.data());
  }
}

void RowBlock::save_state(std::vector<CarriedTensor>& carried) const {
  const int width = geometry_.width, size = geometry_.shape.hidden;
  for (int layer = 0; layer < geometry_.shape.layers; ++layer) {
    for (std::size_t i = 0; i < carried.size(); ++i) {
      const float* tiles = layers_[layer].states[i].data() + geometry_.unit_step(rows_) * steps_;
      for (int row = 0; row < rows_; ++row) {
        float* values = carried[i].values.data() + carried_place(layer, row);
        for (int unit = 0; unit < size; unit += width) {
          std::copy_n(tiles + static_cast<std::ptrdiff_t>(unit) * rows_ + row * width,
                      std::min(width, size - unit), values + unit);
        }
      }
    }
  }
}

std::ptrdiff_t RowBlock::carried_place(int layer, int row) const {
  return (static_cast<std::ptrdiff_t>(layer) * batch_rows_ + place_ + row) * geometry_.shape.hidden;
}

const float* RowBlock::state_before(int state, int layer, int step) const {
  const Layer& l = layers_[layer];
  return (resets_ ? l.states_before : l.states)[state].data() + step * geometry_.unit_step(rows_);
}

float* RowBlock::state_after(int state, int layer, int step) {
  return layers_[layer].states[state].data() + (step + 1) * geometry_.unit_step(rows_);
}

const float* RowBlock::hidden_before(int layer, int step) const {
  if (!reads_pairs()) return state_before(0, layer, step);
  const Layer& l = layers_[layer];
  return (resets_ ? l.pairs_before : l.pairs).data() + step * geometry_.unit_step(rows_);
}

const float* RowBlock::output(int layer, int step) const {
  const Layer& l = layers_[layer];
  if (masked_) return l.masked.data() + step * geometry_.unit_step(rows_);
  const AlignedBuffer& hidden = reads_pairs() ? l.pairs : l.states.front();
  return hidden.data() + (step + 1) * geometry_.unit_step(rows_);
}

const float* RowBlock::gates(int layer, int step) const {
  return layers_[layer].gates.data() + step * geometry_.gate_step(rows_);
}

const float* RowBlock::scores(int step) const {
  return scores_.data() + step * geometry_.score_step(rows_);
}

}  // namespace charrnn
