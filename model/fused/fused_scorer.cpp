#include "model/fused/fused_scorer.h"

#include <algorithm>

#include "model/fused/row_blocks.h"

namespace charrnn {
namespace {

constexpr int kStepsAtOnce = 16;

}  // namespace

FusedScorer::FusedScorer(const Geometry& geometry, const Kernels& kernels, int threads,
                         const Weights& weights)
    : kernels_(kernels), geometry_(geometry), team_(threads), packed_(geometry, kernels, false) {
  packed_.pack(weights.data());
}

void FusedScorer::make_room(int rows) {
  if (rows == rows_) return;
  rows_ = rows;
  carried_ = zero_carried(geometry_.shape, rows);
  const RowBlockRoom room{.rows = RowCut(rows).largest(), .steps = kStepsAtOnce};
  blocks_.clear();
  for (int i = 0; i < team_.threads(); ++i) {
    blocks_.push_back(std::make_unique<RowBlock>(geometry_, kernels_, room));
  }
}

double FusedScorer::score(const Batch& batch) {
  make_room(batch.rows);
  if (batch.starts_epoch) carried_ = zero_carried(geometry_.shape, rows_);
  const RowCut cut(batch.rows);
  std::vector<double> losses(cut.blocks);
  team_.run(cut.blocks, [&](int i, int member) {
    losses[i] = score_rows(batch, *blocks_[member], cut.first(i), cut.size(i));
  });
  double sum = 0.0;
  for (const double loss : losses) sum += loss;
  return sum / (static_cast<double>(batch.rows) * batch.length);
}

double FusedScorer::score_rows(const Batch& batch, RowBlock& block, int first_row, int rows) {
  double loss = 0.0;
  for (int t = 0; t < batch.length; t += kStepsAtOnce) {
    block.assign(batch, first_row, rows, t, std::min(kStepsAtOnce, batch.length - t), {});
    block.load_state(carried_);
    loss += block.forward(packed_, 0.0F);
    block.save_state(carried_);
  }
  return loss;
}

}  // namespace charrnn
