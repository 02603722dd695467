#pragma once

#include <memory>

#include "model/backend.h"
#include "model/torch/engine.h"
#include "model/torch/transfer.h"

namespace charrnn {

/// The backend of an engine, to which `transfer` brings the batches.
std::unique_ptr<Backend> make_torch_backend(const TrainState& state, const Engine& engine,
                                            std::unique_ptr<Transfer> transfer);

}  // namespace charrnn
