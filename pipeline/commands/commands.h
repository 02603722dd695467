#pragma once

#include "base/error.h"
#include "pipeline/config/config.h"
#include "pipeline/run/stop_signal.h"

namespace charrnn {

/// The commands of the program. Each returns the exit code, writes data to standard output and
/// messages to standard error, and throws Error for what ends it.

/// Trains, and serves the newest weights when `serves`: while training, and after it until a stop.
ExitCode train_command(const Config& config, StopSignal& stop, bool serves);

/// Serves the newest checkpoint of the run directory until a stop.
ExitCode serve_command(const Config& config, StopSignal& stop);

/// Writes prompt, generated text and a newline.
ExitCode generate_command(const Config& config, StopSignal& stop);

/// Scores the validation text, or `evaluate.files`, with the newest checkpoint: one JSON object.
ExitCode evaluate_command(const Config& config, StopSignal& stop);

/// Prints batches as text: lanes, files, positions, resets. Looks at the corpus only.
ExitCode inspect_command(const Config& config, StopSignal& stop);

/// Prints what training this configuration would take, and trains nothing. Throws what `train`
/// would throw before its first step, and Error(kIo) when not even one checkpoint fits the disk.
ExitCode plan_command(const Config& config, StopSignal& stop);

}  // namespace charrnn
