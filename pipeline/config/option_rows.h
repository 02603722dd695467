#pragma once

#include <vector>

#include "pipeline/config/option.h"

namespace charrnn {

/// Rows of the options table, in its order.
using Rows = std::vector<Option>;

/// What a run learns from and how: the sections corpus, model and train, and the pace of validation
/// and checkpoints.
Rows corpus_rows();
Rows model_rows();
Rows train_rows();
Rows optimizer_rows();
Rows start_rows();
Rows pace_rows();

/// What text is generated, how its characters are chosen, and records in place of samples.
Rows generate_rows();
Rows sampling_rows();
Rows record_rows();

}  // namespace charrnn
