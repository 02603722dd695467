#pragma once

#include <atomic>

#include "model/published.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// Writes `generate.prompt`, the text that the snapshot goes on with, as it is made, and a newline
/// to standard output, until `stop`. Throws Error: the prompt has a character that the vocabulary
/// lacks (nothing is written then), or standard output cannot be written to.
void write_text(const Snapshot& snapshot, const Config& config, const std::atomic<bool>& stop);

}  // namespace charrnn
