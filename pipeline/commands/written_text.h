#pragma once

#include <atomic>

#include "model/published.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// The same options with the prompt of `prompt_file`, and with a seed. Throws Error(kUsage) when
/// the file cannot be read.
GenerateOptions settled(GenerateOptions options);

/// Writes the samples that `generate.*` asks for to standard output, until `stop`: the prompt, the
/// text that the snapshot goes on with, as it is made, and a newline; a line `---` between two. Or,
/// with generate.format = jsonl, a line of JSON for each: `sample` (from 0), `prompt`, `text`,
/// `finish_reason` and `seed`. Throws Error: the prompt cannot be read or has a character that the
/// vocabulary lacks (nothing is written then), or standard output cannot be written to.
void write_text(const Snapshot& snapshot, const Config& config, const std::atomic<bool>& stop);

}  // namespace charrnn
