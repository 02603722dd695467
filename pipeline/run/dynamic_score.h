#pragma once

#include <atomic>

#include "model/snapshot.h"
#include "nodes/batch_source.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// Dynamic evaluation [Krause et al., arXiv:1709.07432]: the mean cross-entropy (nats) of batches
/// of one row, each scored with weights that have learned from those before it, as
/// `config.evaluate` says. The model itself is not changed. On the compute thread. Throws Stopped,
/// what reading throws, and Error(kDiverged) when a loss is not a number.
double dynamic_score(const Config& config, const Snapshot& model, BatchSource& source,
                     const std::atomic<bool>& stop);

}  // namespace charrnn
