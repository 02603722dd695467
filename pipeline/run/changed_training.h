#pragma once

#include <string>
#include <vector>

#include "model/checkpoint/checkpoint.h"
#include "nodes/lanes.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// The settings of training that differ from those of the run that the checkpoint is of, a line
/// each: "train.batch was 16 and is 8". The limits of a run and its seed may differ in silence.
/// Throws Error(kCheckpoint) when there are some and `run.accept_changed_training` does not allow
/// it.
std::vector<std::string> changed_training(const Checkpoint& checkpoint, const Config& config);

/// Makes a checkpoint's state and progress fit other rows, windows or another optimiser. With other
/// rows or windows the carried state is zero, and training goes on at the same share of its epoch
/// of `lanes`. Another optimiser begins with slots that are zero; the average of the weights goes
/// on, or begins with them.
void adapt_training(const Lanes& lanes, const Config& config, Checkpoint& checkpoint);

}  // namespace charrnn
