#pragma once

#include <memory>
#include <vector>

#include "model/backend.h"
#include "model/fused/row_block.h"
#include "model/fused/team.h"

namespace charrnn {

/// Scores text on the fused kernels' forward path. Keeps the activations of a few time steps only.
class FusedScorer : public Scorer {
 public:
  FusedScorer(const Geometry& geometry, const Kernels& kernels, int threads,
              const Weights& weights);

  double score(const Batch& batch) override;

 private:
  void make_room(int rows);
  double score_rows(const Batch& batch, RowBlock& block, int first_row, int rows);

  const Kernels& kernels_;
  Geometry geometry_;
  Team team_;
  PackedWeights packed_;
  std::vector<std::unique_ptr<RowBlock>> blocks_;  // [member]
  int rows_ = 0;
  std::vector<CarriedTensor> carried_;
};

}  // namespace charrnn
