#pragma once

#include "pipeline/graph/stage_times.h"

namespace charrnn {

/// Rethrows the exception that is being handled as an Error with the stage's name in front. An
/// Error keeps its exit code; out of memory gets its own; anything else is a defect of this
/// program.
[[noreturn]] void rethrow_named(Stage stage);

}  // namespace charrnn
