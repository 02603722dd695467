#pragma once

#include <atomic>

#include "pipeline/config/config.h"
#include "pipeline/run/partners.h"

namespace charrnn {

/// What every rank but 0 does in a run on several machines: trains on its rows, and keeps nothing.
/// Returns when the run has ended. `config`, `partners` and `stop` are borrowed. Throws Error.
void take_part(const Config& config, const std::shared_ptr<Partners>& partners,
               const std::atomic<bool>& stop);

}  // namespace charrnn
