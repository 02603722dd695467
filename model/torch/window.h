#pragma once

#include "model/batch.h"
#include "model/torch/char_rnn.h"

namespace charrnn {

/// A batch as tensors in the host's memory: time before rows.
Window make_window(const Batch& batch);

}  // namespace charrnn
