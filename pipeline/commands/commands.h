#pragma once

#include "base/error.h"
#include "pipeline/config/config.h"
#include "pipeline/run/stop_signal.h"

namespace charrnn {

/// The functions of command_table.h's rows. Each returns the exit code, writes data to standard
/// output and messages to standard error, and throws the Error that ends it.

/// Writes the configuration file `init.config` for the text of `corpus.files`, and overwrites none.
/// On a terminal it asks for what is not given.
void init_command(const Config& config, StopSignal& stop);

/// Trains, and serves the newest weights while it trains and after that until a stop, unless
/// serve.enabled says no.
void run_command(const Config& config, StopSignal& stop);

/// Trains.
void train_command(const Config& config, StopSignal& stop);

/// Serves the newest checkpoint of the run directory until a stop.
void serve_command(const Config& config, StopSignal& stop);

/// Writes the prompt, the generated text and a newline.
void generate_command(const Config& config, StopSignal& stop);

/// Scores the validation text, or `evaluate.files`, with the newest checkpoint; prints a JSON
/// object.
void evaluate_command(const Config& config, StopSignal& stop);

/// Writes each line of `score.files`, or of standard input, with its surprise in nats a character,
/// as the lines come; or only the `score.top` most surprising ones, at the end.
void score_command(const Config& config, StopSignal& stop);

/// Writes the chosen checkpoint as a directory that PyTorch, safetensors and tokenizers read.
void export_command(const Config& config, StopSignal& stop);

/// Writes one HTML file about the runs in `report.runs`, or in `run.directory`: curves, what they
/// came to, and their configurations.
void report_command(const Config& config, StopSignal& stop);

/// Prints batches as text with lanes, files, positions and resets. Reads the corpus only.
void inspect_command(const Config& config, StopSignal& stop);

/// Prints what training with this configuration would take, and trains nothing. Throws what `train`
/// would throw before its first step, and Error(kIo) when the disk has no room for one checkpoint.
void plan_command(const Config& config, StopSignal& stop);

}  // namespace charrnn
