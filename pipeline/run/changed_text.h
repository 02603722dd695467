#pragma once

#include <string>

#include "corpus/corpus.h"
#include "model/checkpoint/checkpoint.h"
#include "pipeline/config/config.h"

namespace charrnn {

/// Throws Error(kInput) when the corpus does not hold the characters that the run of this
/// checkpoint learns, in their order. The message says what differs: the keys that say how the text
/// is read, how many characters there are, and which ones occur more or less often.
/// `run.accept_changed_corpus` allows it.
void check_same_text(const Checkpoint& checkpoint, const Config& config, const Corpus& corpus);

}  // namespace charrnn
