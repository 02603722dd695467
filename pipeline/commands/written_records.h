#pragma once

#include <atomic>

#include "model/published.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// Records in a row that cannot be used, until write_records() gives up.
inline constexpr int kMostInVain = 10'000;

/// Writes `generate.count` records to standard output, until `stop`: the prompt and the record on a
/// line, or a line of JSON for each as write_text() writes it. Left out are empty ones, those that
/// do not come to an end within `generate.length` characters, with `generate.unique` those that
/// were written before, and with `generate.novel` those of `corpus.files`. Tells on standard error
/// how many these were. Throws Error(kInput) when kMostInVain records in a row had to be left out,
/// and as generate_records() and open_text().
void write_records(const Snapshot& snapshot, const Config& config, const std::atomic<bool>& stop);

}  // namespace charrnn
