#pragma once

#include <string>

#include "corpus/corpus.h"
#include "model/checkpoint.h"
#include "nodes/lanes.h"
#include "pipeline/config.h"

namespace charrnn {

/// The lanes of the training text. Throws Error(kInput) when it is too short for one batch, naming
/// the largest batch and length that fit.
Lanes training_lanes(const Corpus& corpus, const Config& config);

/// The weights that a new run begins with: drawn from `train.seed`, or those of
/// `train.initial_weights`. Throws Error(kCheckpoint) when they are of another network or alphabet.
Weights first_weights(const Config& config, const NetworkShape& shape,
                      const Vocabulary& vocabulary);

/// Throws Error when a run cannot go on from this checkpoint: kCheckpoint when it is of another
/// network, alphabet or batch size, kInput when the corpus or the order in which it is read
/// changed and that was not accepted.
void check_resumable(const Checkpoint& checkpoint, const Config& config, const NetworkShape& shape,
                     const Corpus& corpus);

}  // namespace charrnn
