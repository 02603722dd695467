#pragma once

#include <vector>

#include "model/backend.h"
#include "model/packed_network.h"

namespace charrnn {

/// Scores text with the network that generates it, one character of all rows at a time: what a
/// weight format costs in nats.
class PackedScorer : public Scorer {
 public:
  /// `network` must outlive the scorer.
  explicit PackedScorer(const PackedNetwork& network) : network_(network) {}

  double score(const Batch& batch) override;

 private:
  const PackedNetwork& network_;
  std::vector<RowState> states_;  // [row]
};

}  // namespace charrnn
